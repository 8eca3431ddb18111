using Microsoft.Extensions.Logging;
using Millrace.Business.WeeklyReports;
using Millrace.Locking;
using Millrace.Monitoring;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Business;

/// <summary>
/// Examines business figures and sends reports about them, on one node at a time. The node holds a lock; if it is
/// killed, another node continues with the stored states after the lock has expired.
/// </summary>
internal sealed partial class KpiMonitorService : IStoreService, IAsyncDisposable
{
    public const string LockName = "millrace-kpis";

    private readonly EventStore _store;
    private readonly KpiMonitorSetup _setup;
    private readonly NodeLock _lock;
    private readonly ILogger _logger;
    private readonly StoreClock _clock;
    private readonly KpiMonitorStore _records;
    private readonly Lazy<(KpiDetection Detection, ReportMailer Mailer)> _parts;
    private readonly ReportedErrors _errors;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private bool _hasDeclared;
    private bool _isDisposed;

    public KpiMonitorService(EventStore store, KpiMonitorSetup setup, Func<Kpis> getKpis, ILogger logger)
    {
        (_store, _setup, _logger) = (store, setup, logger);
        _lock = new NodeLock(Locks.Of(store), LockName);
        _clock = new StoreClock(() => store.Storage, store.Time);
        _records = new KpiMonitorStore(store);
        _errors = new ReportedErrors(store.Time);
        _parts = new(() =>
        {
            var kpis = getKpis();
            return (
                new KpiDetection(store, kpis, _records, setup, logger),
                new ReportMailer(new ReportBuilder(kpis, _records, store.Time), _records, setup, logger));
        });
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

    /// <summary>Examines the figures and sends the reports that are due, if this node has the lock.</summary>
    /// <returns>False if another node has the lock.</returns>
    internal async Task<bool> RunOnce(CancellationToken cancellationToken)
    {
        if (!_hasDeclared)
            await _records.Declare(_setup.ToDeclaration(), cancellationToken).ConfigureAwait(false);
        _hasDeclared = true;
        if (await _lock.TryHold(NodeLock.MinDuration, cancellationToken).ConfigureAwait(false) is not { } held)
            return false;
        using var whileHeld = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
        await Try("examine the figures", _parts.Value.Detection.Run, whileHeld.Token).ConfigureAwait(false);
        await Try("send the reports", _parts.Value.Mailer.Run, whileHeld.Token).ConfigureAwait(false);
        return true;
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Try("use the lock", (_, token) => RunOnce(token), cancellationToken).ConfigureAwait(false);
            await Task.Delay(_setup.Options.Interval, _store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs a step. A failure is logged and does not prevent other steps.</summary>
    private async Task Try(
        string step, Func<DateTimeOffset, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
            await run(now, cancellationToken).ConfigureAwait(false);
            _errors.Clear(step);
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
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 26005,
            Level = LogLevel.Error,
            Message = "The monitor of business figures cannot {Step}. The next attempt follows after the interval.")]
        public static partial void StepFailed(ILogger logger, string step, Exception exception);
    }
}
