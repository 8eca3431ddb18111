using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Metrics;

/// <summary>
/// Takes samples of this node at an interval, and writes them to the store. A write never delays a sample: while the
/// store is not available, samples remain in memory.
/// </summary>
internal sealed partial class PerformanceMonitor : IStoreService, IDisposable
{
    private static readonly TimeSpan CleanInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly HistoryBuffer _buffer = new();
    private readonly Func<EventStore> _getStore;
    private readonly IMeterFactory? _meters;
    private readonly MonitorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Parts? _parts;
    private volatile PeriodicTimer? _timer;
    private Task _running = Task.CompletedTask;
    private Task _writing = Task.CompletedTask;
    private TimeSpan _clockOffset; // Of the storage's clock.
    private DateTimeOffset _cleanAt = DateTimeOffset.MinValue;
    private long _reportedDrops;
    private bool _hasFailed;
    private bool _hasReportedLimit;

    public PerformanceMonitor(
        Func<EventStore> getStore,
        IMeterFactory? meters,
        MonitorOptions options,
        TimeProvider time,
        ILogger<PerformanceMonitor> logger)
    {
        (_getStore, _meters, _options, _time, _logger) = (getStore, meters, options.Copy(), time, logger);
    }

    /// <summary>Gets the options in effect.</summary>
    public MonitorOptions Options => _options;

    /// <summary>Gets the name of this node in the history; null until the first write.</summary>
    public string? Node => _parts?.Writer.Name;

    /// <summary>Gets the number of samples that were dropped because the store was not available.</summary>
    public long DroppedSamples => _buffer.DroppedSamples;

    public Task Start(CancellationToken cancellationToken)
    {
        Prepare();
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Stops sampling, and writes the samples that are in memory.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_parts is not null && _buffer.Latest().Values.Count > 0)
            await TryWrite(isLast: true, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _parts?.Sampler.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Applies changed options while the monitor runs.</summary>
    public void Take(MonitorOptions changed)
    {
        _options.Take(changed);
        if (_timer is not { } timer)
            return;
        try
        {
            timer.Period = changed.SampleInterval;
        }
        catch (ObjectDisposedException)
        {
            // The application stops.
        }
    }

    /// <summary>Starts to measure, without the loop that takes samples.</summary>
    internal void Prepare()
    {
        var store = _getStore();
        var history = new MetricStore(store);
        var holder = NodeHolder.Create(_time);
        _parts = new Parts(
            new NodeSampler(
                _meters, new ProcessProbe(() => store.Stored.Inner.DataDirectory), _options.MaxSeries, _time),
            new StoreClock(() => store.Storage, _time),
            new HistoryWriter(
                history,
                _buffer,
                new NodeNames(history, _options.Node ?? Environment.MachineName, holder),
                holder,
                _options),
            new HistoryCleaner(history, _options));
    }

    /// <summary>Takes a sample.</summary>
    internal void Sample()
    {
        var values = _parts!.Sampler.Sample();
        if (values.Count > 0)
            _buffer.Add(_time.GetUtcNow() + _clockOffset, values);
        if (_parts.Sampler.IsLimitReached && !_hasReportedLimit)
        {
            _hasReportedLimit = true;
            Log.LimitReached(_logger, _options.MaxSeries);
        }
    }

    /// <summary>Writes the samples to the store, and removes old ones. A failure is logged.</summary>
    internal async Task TryWrite(bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            using var timeout = new CancellationTokenSource(WriteTimeout, _time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            await Write(isLast, limit.Token).ConfigureAwait(false);
            if (_hasFailed)
                Log.WritesAgain(_logger, _buffer.DroppedSamples - _reportedDrops);
            _hasFailed = false;
            _reportedDrops = _buffer.DroppedSamples;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The application stops.
        }
#pragma warning disable CA1031 // A failure to write must not end the monitor or the application.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_hasFailed)
                Log.CannotWrite(_logger, HistoryBuffer.MaxHours, exception);
            _hasFailed = true;
        }
    }

    private async ValueTask Write(bool isLast, CancellationToken cancellationToken)
    {
        var parts = _parts!;
        var now = await parts.Clock.Now(cancellationToken).ConfigureAwait(false);
        _clockOffset = now - _time.GetUtcNow();
        await parts.Writer.Write(now, isLast, cancellationToken).ConfigureAwait(false);
        if (isLast || now < _cleanAt)
            return;
        _cleanAt = now + CleanInterval;
        await parts.Cleaner.Run(now, cancellationToken).ConfigureAwait(false);
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.SampleInterval, _time);
        _timer = timer;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                Sample();
                if (_writing.IsCompleted)
                    _writing = Task.Run(() => TryWrite(isLast: false, cancellationToken), CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private sealed record Parts(NodeSampler Sampler, StoreClock Clock, HistoryWriter Writer, HistoryCleaner Cleaner);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 23001, Level = LogLevel.Warning,
            Message = "The performance monitor ignores further series: there are more than {MaxSeries}. Set "
                + "Millrace:Monitor:MaxSeries to a higher number.")]
        public static partial void LimitReached(ILogger logger, int maxSeries);

        [LoggerMessage(
            EventId = 23002, Level = LogLevel.Warning,
            Message = "The history of metrics cannot be written; retrying until it succeeds. Samples of up to "
                + "{Hours} hours remain in memory.")]
        public static partial void CannotWrite(ILogger logger, int hours, Exception exception);

        [LoggerMessage(
            EventId = 23003, Level = LogLevel.Information,
            Message = "The history of metrics is written again. {Dropped} samples were dropped.")]
        public static partial void WritesAgain(ILogger logger, long dropped);
    }
}
