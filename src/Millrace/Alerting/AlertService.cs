using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Locking;
using Millrace.Monitoring;
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

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HistoryRetention = TimeSpan.FromDays(365);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);

    private readonly EventStore _store;
    private readonly AlertSetup _setup;
    private readonly NodeLock _lock;
    private readonly ILogger _logger;
    private readonly StoreClock _clock;
    private readonly AlertStore _alerts;
    private readonly AlertLog _log;
    private readonly AlertEvaluation _evaluation;
    private readonly NoticeSender _sender;
    private readonly ReportedErrors _errors;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly ConcurrentDictionary<string, Task> _sending = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private long? _cleanedAt;
    private bool _isDisposed;

    public AlertService(
        EventStore store,
        AlertSetup setup,
        Locks locks,
        Func<CancellationToken, Task<IReadOnlyList<MetricSample>>> readSamples,
        ILogger logger)
    {
        (_store, _setup, _logger) = (store, setup, logger);
        _lock = new NodeLock(locks, LockName);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _alerts = new AlertStore(store);
        _log = new AlertLog(store);
        _evaluation = new AlertEvaluation(_alerts, _log, setup, readSamples, logger);
        _sender = new NoticeSender(_alerts, setup, logger);
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
        // A receiver may have accepted a notice already, so that a cancelled attempt would be repeated.
        var sending = Task.WhenAll(_sending.Values);
        await sending.WaitAsync(StopTimeout, _store.Time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _aborting.CancelAsync().ConfigureAwait(false);
        await sending.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lock.Release().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Stop(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
        _aborting.Dispose();
    }

    /// <summary>Evaluates all rules and starts to send the notices that are due, if this node has the lock.</summary>
    /// <returns>False if another node has the lock.</returns>
    internal async Task<bool> RunOnce(CancellationToken cancellationToken)
    {
        var duration = NodeLock.DurationFor(_setup.Options.Interval);
        if (await _lock.TryHold(duration, cancellationToken).ConfigureAwait(false) is not { } held)
            return false; // Another node evaluates the rules.
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        await Try("evaluate the rules", Evaluate, whileHeld.Token).ConfigureAwait(false);
        await Try("send the notices", StartSending, whileHeld.Token).ConfigureAwait(false);
        await Try("remove the old history", RemoveHistory, whileHeld.Token).ConfigureAwait(false);
        return true;
    }

    /// <summary>Waits until the notices that this node is sending were sent or have failed.</summary>
    internal Task WaitForSending(CancellationToken cancellationToken) =>
        Task.WhenAll(_sending.Values).WaitAsync(cancellationToken);

    private async Task Run(CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, DeclaredAlertRule>? declared = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var rules = _setup.Rules; // A reload of the configuration replaces them.
            if (declared != rules
                && await Try("record the rules", Declare, cancellationToken).ConfigureAwait(false))
                declared = rules;
            await Try("use the lock", RunOnce, cancellationToken).ConfigureAwait(false);
            await Task.Delay(_setup.Options.Interval, _store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs a step. A failure is logged and does not prevent other steps.</summary>
    /// <returns>True if it succeeded.</returns>
    private async Task<bool> Try(string step, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken).ConfigureAwait(false);
            _errors.Clear(step);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops, or it has lost the lock.
        }
#pragma warning disable CA1031 // The loop must not stop.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_errors.IsNew(step, exception))
                Log.StepFailed(_logger, step, exception);
        }
        return false;
    }

    private async Task Evaluate(CancellationToken cancellationToken)
    {
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        await _evaluation.Run(now, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveHistory(CancellationToken cancellationToken)
    {
        if (_cleanedAt is { } last && _store.Time.GetElapsedTime(last) < CleanInterval)
            return;
        _cleanedAt = _store.Time.GetTimestamp();
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        await _log.RemoveBefore(now - HistoryRetention, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records the rules of the application, so that tools show them.</summary>
    internal async Task Declare(CancellationToken cancellationToken)
    {
        var note = new AlertNote { Declared = _setup.ToDeclaration() };
        await _log.Append(
            AlertEvents.RulesDeclared,
            book => AlertLog.AreEqual(note, new AlertNote { Declared = book.Declared }) ? null : note,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts to send the notices that are due. Each channel has its own task, so that none waits.</summary>
    private async Task StartSending(CancellationToken cancellationToken)
    {
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        var damaged = new Dictionary<string, StorageException>(StringComparer.Ordinal);
        var queues = await _alerts.ReadQueues(damaged, cancellationToken).ConfigureAwait(false);
        foreach (var (channel, (queue, _)) in queues)
        {
            if (!_sender.IsDue(channel, queue, now))
                continue;
            if (_sending.TryGetValue(channel, out var sending) && !sending.IsCompleted)
                continue;
            _sending[channel] = Task.Run(() => Send(channel, now, _aborting.Token), CancellationToken.None);
        }
        if (damaged.Values.FirstOrDefault() is { } exception)
            throw exception; // It is logged; the other channels send.
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
#pragma warning disable CA1031 // No caller waits for the task. The queue remains stored, and is processed again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CannotRecord(_logger, channel, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24005,
            Level = LogLevel.Error,
            Message = "The node cannot {Step} of alerts. The next attempt follows after the interval.")]
        public static partial void StepFailed(ILogger logger, string step, Exception exception);

        [LoggerMessage(
            EventId = 24006,
            Level = LogLevel.Error,
            Message = "The state of the notices for the channel {Channel} cannot be stored. The notice may be sent "
                + "again with the same id.")]
        public static partial void CannotRecord(ILogger logger, string channel, Exception exception);
    }
}
