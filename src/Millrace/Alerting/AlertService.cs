using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Alerting;

/// <summary>
/// Evaluates the alert rules and sends the notices, on one node at a time. The node holds a lock; if it is killed,
/// another node continues with the stored alerts and notices after the lock has expired.
/// </summary>
internal sealed partial class AlertService : IStoreService, IAsyncDisposable
{
    public const string LockName = "millrace-alerts";

    private readonly EventStore _store;
    private readonly AlertSetup _setup;
    private readonly Locks _locks;
    private readonly ILogger _logger;
    private readonly StoreClock _clock;
    private readonly AlertStore _alerts;
    private readonly AlertLog _log;
    private readonly AlertEvaluation _evaluation;
    private readonly NoticeSender _sender;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _sending = new(StringComparer.Ordinal);
    private readonly HashSet<string> _full = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private HeldLock? _lock;
    private bool _isDisposed;

    public AlertService(
        EventStore store,
        AlertSetup setup,
        Locks locks,
        Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> readSamples,
        ILogger logger)
    {
        (_store, _setup, _locks, _logger) = (store, setup, locks, logger);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _alerts = new AlertStore(store);
        _log = new AlertLog(store);
        _evaluation = new AlertEvaluation(_alerts, _log, setup, readSamples, ReportFull);
        _sender = new NoticeSender(_alerts, setup, logger);
    }

    public Task Start(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        var all = Task.WhenAll([_running, .. _sending.Values]);
        await all.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ReleaseLock().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Stop(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Evaluates all rules and starts to send the notices that are due, if this node has the lock.</summary>
    /// <returns>False if another node has the lock.</returns>
    internal async Task<bool> RunOnce(CancellationToken cancellationToken)
    {
        if (await TryLock(cancellationToken).ConfigureAwait(false) is not { } held)
            return false;
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        var now = await _clock.Now(whileHeld.Token).ConfigureAwait(false);
        await _evaluation.Run(now, whileHeld.Token).ConfigureAwait(false);
        await StartSending(now, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Waits until the notices that this node is sending were sent or have failed.</summary>
    internal Task WaitForSending(CancellationToken cancellationToken) =>
        Task.WhenAll(_sending.Values).WaitAsync(cancellationToken);

    private async Task Run(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, DeclaredAlertRule>? declared = null;
        var isFailing = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var rules = _setup.Rules;
                if (declared != rules)
                    await Declare(cancellationToken).ConfigureAwait(false);
                declared = rules;
                await RunOnce(cancellationToken).ConfigureAwait(false);
                isFailing = false;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must not stop. It continues at the next interval.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!isFailing)
                    Log.CannotEvaluate(_logger, exception);
                isFailing = true;
            }
            await Task.Delay(_setup.Options.Interval, _store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Records the rules of the application, so that tools show them.</summary>
    internal Task Declare(CancellationToken cancellationToken)
    {
        var note = new AlertNote { Declared = _setup.ToDeclaration() };
        return _log.Append(
            AlertEvents.RulesDeclared,
            book => AlertLog.AreEqual(note, new AlertNote { Declared = book.Declared }) ? null : note,
            cancellationToken);
    }

    private async ValueTask<HeldLock?> TryLock(CancellationToken cancellationToken)
    {
        if (_lock is { IsHeld: true } held)
            return held;
        await ReleaseLock().ConfigureAwait(false);
        var duration = 2 * _setup.Options.Interval;
        var request = new LockRequest(LockName)
        {
            Duration = duration > TimeSpan.FromSeconds(10) ? duration : TimeSpan.FromSeconds(10),
            Wait = TimeSpan.Zero,
        };
        try
        {
            return _lock = await _locks.Acquire(request, cancellationToken).ConfigureAwait(false);
        }
        catch (LockUnavailableException)
        {
            return null; // Another node evaluates the rules.
        }
    }

    private async ValueTask ReleaseLock()
    {
        if (_lock is { } held)
            await held.DisposeAsync().ConfigureAwait(false);
        _lock = null;
    }

    /// <summary>Starts to send the notices that are due. Each channel has its own task, so that none waits.</summary>
    private async Task StartSending(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var (channel, (queue, _)) in await _alerts.ReadQueues(cancellationToken).ConfigureAwait(false))
        {
            if (queue.Items.Count == 0 || now < queue.NotBefore)
                continue;
            if (_sending.TryGetValue(channel, out var sending) && !sending.IsCompleted)
                continue;
            _sending[channel] = Task.Run(() => Send(channel, now, _stopping.Token), CancellationToken.None);
        }
    }

    private async Task Send(string channel, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await _sender.Send(channel, now, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The notice remains stored. The next node that evaluates sends it.
        }
        catch (MillraceException exception)
        {
            Log.CannotRecord(_logger, channel, exception);
        }
    }

    private void ReportFull(string rule)
    {
        if (_full.Add(rule))
            Log.TooMany(_logger, rule, RulePass.MaxSeries);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24005,
            Level = LogLevel.Error,
            Message = "Alert rules cannot be evaluated. The next attempt follows after the interval.")]
        public static partial void CannotEvaluate(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 24006,
            Level = LogLevel.Error,
            Message = "The state of the notices for the channel {Channel} cannot be stored. The notice may be sent "
                + "again with the same id.")]
        public static partial void CannotRecord(ILogger logger, string channel, Exception exception);

        [LoggerMessage(
            EventId = 24007,
            Level = LogLevel.Warning,
            Message = "The alert rule {Rule} has more than {Max} alerts. Further ones are not evaluated.")]
        public static partial void TooMany(ILogger logger, string rule, int max);
    }
}
