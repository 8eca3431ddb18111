using Microsoft.Extensions.Logging;
using Millrace.Locking;
using Millrace.Monitoring;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Scaling;

/// <summary>Adjusts the number of nodes, on one node at a time, which holds a lock.</summary>
internal sealed partial class CapacityService : IStoreService, IAsyncDisposable
{
    public const string LockName = "millrace-capacity";

    private const string Step = "check the number of nodes";

    private readonly EventStore _store;
    private readonly CapacityOptions _options;
    private readonly NodeLock _lock;
    private readonly Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> _readSamples;
    private readonly ILogger _logger;
    private readonly StoreClock _clock;
    private readonly CapacityRun _run;
    private readonly ReportedErrors _errors;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private bool _isDisposed;

    public CapacityService(
        EventStore store,
        CapacityOptions options,
        ICapacityHook hook,
        Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> readSamples,
        ILogger logger)
    {
        (_store, _options, _readSamples, _logger) = (store, options, readSamples, logger);
        _lock = new NodeLock(Locks.Of(store), LockName);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _run = new CapacityRun(new CapacityStore(store), options, hook, store.Time, logger);
        _errors = new ReportedErrors(store.Time);
    }

    public Task Start(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lock.Release().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Stop(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunOnce(cancellationToken).ConfigureAwait(false);
                _errors.Clear(Step);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must not stop.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (_errors.IsNew(Step, exception))
                    Log.Failed(_logger, exception);
            }
            await Task.Delay(_options.Interval, _store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunOnce(CancellationToken cancellationToken)
    {
        var duration = NodeLock.DurationFor(_options.Interval);
        if (await _lock.TryHold(duration, cancellationToken).ConfigureAwait(false) is not { } held)
            return; // Another node decides.
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        try
        {
            var now = await _clock.Now(whileHeld.Token).ConfigureAwait(false);
            var samples = await _readSamples(whileHeld.Token).ConfigureAwait(false);
            await _run.Run(now, samples, whileHeld.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested)
        {
            // The next node continues with the stored change.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24053,
            Level = LogLevel.Error,
            Message = "The number of nodes cannot be checked. The next attempt follows after the interval.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
