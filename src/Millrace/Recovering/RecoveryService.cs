using Microsoft.Extensions.Logging;
using Millrace.Locking;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Recovering;

/// <summary>
/// Diagnoses faults and acts, on one node at a time. The node holds a lock; if it is killed, another node continues
/// with the stored cases after the lock has expired.
/// </summary>
internal sealed partial class RecoveryService : IStoreService, IAsyncDisposable
{
    public const string LockName = "millrace-recovery";

    private static readonly TimeSpan HistoryRetention = TimeSpan.FromDays(365);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);

    private readonly EventStore _store;
    private readonly RecoverySetup _setup;
    private readonly NodeLock _lock;
    private readonly ILogger _logger;
    private readonly StoreClock _clock;
    private readonly RecoveryStore _cases;
    private readonly RecoveryDiagnoser _diagnoser;
    private readonly RecoveryPass _pass;
    private readonly StoreTrouble _trouble;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long? _cleanedAt;
    private bool _hasDeclared;
    private bool _isDisposed;

    public RecoveryService(
        EventStore store,
        RecoverySetup setup,
        IReadOnlyList<IRecoveryProbe> probes,
        AuditProbe audit,
        string node,
        ILogger logger)
    {
        (_store, _setup, _logger) = (store, setup, logger);
        _lock = new NodeLock(Locks.Of(store), LockName);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _cases = new RecoveryStore(store);
        _trouble = new StoreTrouble(setup, audit, node, store.Time, logger);
        _diagnoser = new RecoveryDiagnoser([.. probes, audit], FaultOf, store.Time, logger);
        _pass = new RecoveryPass(_cases, setup, new ActionRunner(store.Time), _clock.Now, node, logger);

        RecoveryDiagnosis FaultOf(StorageException error) => error.Problem == StorageProblem.Damaged
            ? audit.FaultOf(error.Message)
            : _trouble.FaultOf(error);
    }

    /// <summary>Gets or sets the time after which the lock of a killed node expires, for tests.</summary>
    public TimeSpan LockDuration { get; init; } = NodeLock.MinDuration;

    /// <summary>Gets whether the store could not be used at the last attempt.</summary>
    internal StoreTrouble Trouble => _trouble;

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

    /// <summary>
    /// Diagnoses and decides once, if this node has the lock. Returns true if an action was run, so that the next pass
    /// should follow at once.
    /// </summary>
    internal async Task<bool> RunOnce(CancellationToken cancellationToken)
    {
        try
        {
            if (!_hasDeclared)
                await _cases.Declare(_setup.ToInfo(), cancellationToken).ConfigureAwait(false);
            _hasDeclared = true;
            var held = await _lock.TryHold(LockDuration, cancellationToken).ConfigureAwait(false);
            if (held is null)
            {
                _trouble.Clear(); // The store works, and the node with the lock records its own observations.
                return false;
            }
            using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            var now = await _clock.Now(whileHeld.Token).ConfigureAwait(false);
            var findings = await _diagnoser.Diagnose(now, whileHeld.Token).ConfigureAwait(false);
            var trouble = _trouble.Ended(); // Before an action, whose duration is no trouble.
            var hasActed = await _pass.Run(findings, held, cancellationToken).ConfigureAwait(false);
            await RecordTrouble(trouble, whileHeld.Token).ConfigureAwait(false);
            await RemoveHistory(now, whileHeld.Token).ConfigureAwait(false);
            return hasActed;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // This node has lost the lock.
        }
        catch (MillraceException exception)
        {
            _trouble.Failed(exception);
            return false;
        }
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var isFailing = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var hasActed = false;
            try
            {
                hasActed = await RunOnce(cancellationToken).ConfigureAwait(false);
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
                    Log.CannotRun(_logger, exception);
                isFailing = true;
            }
            if (!hasActed)
                await Task.Delay(_setup.Interval, _store.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Records that the trouble has ended, after a pass that the store did not fail.</summary>
    private async ValueTask RecordTrouble(RecoveryStep? step, CancellationToken cancellationToken)
    {
        if (!_trouble.Exists)
            return;
        await _cases.Write(_setup.ToInfo(), cancellationToken).ConfigureAwait(false); // Fails while the trouble lasts.
        if (step is not null)
            await _cases.TryCommit("", 0, step, cancellationToken).ConfigureAwait(false);
        _trouble.Clear();
    }

    private async ValueTask RemoveHistory(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_cleanedAt is { } last && _store.Time.GetElapsedTime(last) < CleanInterval)
            return;
        _cleanedAt = _store.Time.GetTimestamp();
        await _cases.RemoveBefore(now - HistoryRetention, cancellationToken).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25009,
            Level = LogLevel.Error,
            Message = "The recovery manager failed. The next attempt follows after the interval.")]
        public static partial void CannotRun(ILogger logger, Exception exception);
    }
}
