using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Monitoring;

/// <summary>Audits the log of a store while the store is open. The host runs the audit in a single loop.</summary>
internal sealed partial class LogAuditor(
    EventStore store,
    LogAuditOptions options,
    ILogger<LogAuditor> logger,
    IMeterFactory? meters = null) : IStoreService, IDisposable
{
    private const int MaxProblems = 100;
    private const int PageEvents = 1_000;

    private readonly LogAuditOptions _options = options.Copy();
    private readonly ContinuityCheck _check = new(options.MaxStreams);
    private readonly RemovalReconciler _reconciler = new();
    private readonly AuditMetrics _metrics = new(meters);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<string> _problems = [];
    private readonly List<string> _newProblems = [];
    private Task _running = Task.CompletedTask;
    private LogHead _start;
    private bool _isNewEpoch;
    private long _lastRemoval;
    private long _lastVerifiedAt;
    private volatile LogAuditStatus _status = new(0, 0, 0, null, 0, []);

    /// <summary>Gets the progress of the audit and the problems that it found.</summary>
    public LogAuditStatus Status => _status;

    public Task Start(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Checks the events that were appended since the last check.</summary>
    internal async Task RunOnce(CancellationToken cancellationToken)
    {
        var tailHead = store.Tail.Head;
        var hasGrown = tailHead.Epoch != _start.Epoch || tailHead.Position > _check.Position;
        if (!hasGrown && store.Time.GetElapsedTime(_lastVerifiedAt) < _options.LookBackEvery)
            return;
        _lastVerifiedAt = store.Time.GetTimestamp();
        // The removals must be read before the head. The pages then reflect all removals up to this number.
        var lastRemoval = (await ReadRemovals(long.MaxValue, cancellationToken).ConfigureAwait(false)).Next;
        var head = await store.Stored.Primary.Log.GetHead(cancellationToken).ConfigureAwait(false);
        if (_start.Epoch == 0)
            Restart(head, lastRemoval);
        _isNewEpoch = head.Epoch != _start.Epoch; // Checked events of the old epoch must still exist.
        _start = _start with { Epoch = head.Epoch };
        var skippedEvents = Math.Max(0, head.Position - _check.Position - _options.MaxEventsPerLook);
        if (skippedEvents > 0)
        {
            Restart(head with { Position = head.Position - _options.MaxEventsPerLook }, _lastRemoval);
            _metrics.Skipped(skippedEvents);
            Log.Passed(logger, skippedEvents, _options.MaxEventsPerLook);
        }
        var checkedEvents = await AuditPages(lastRemoval, cancellationToken).ConfigureAwait(false);
        if (_reconciler.IsNeeded(_check))
            await ExplainMissingPositions(lastRemoval, cancellationToken).ConfigureAwait(false);
        _lastRemoval = lastRemoval;
        ReportProgress(checkedEvents, skippedEvents);
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var failures = 0;
        using var tailReader = store.Tail.StartAfter(store.Tail.Head.Position); // Keeps delivered events for the check.
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await RunOnce(cancellationToken).ConfigureAwait(false);
                tailReader.ReleasedPosition = _check.Position;
                if (failures > 0)
                    Log.LooksAgain(logger, failures);
                failures = 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // An error must not end the audit.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (failures++ == 0)
                    Log.CannotLook(logger, exception);
            }
            await Task.Delay(_options.Every, store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Restarts the audit after a position.</summary>
    /// <param name="head">The position.</param>
    /// <param name="lastRemoval">The number of a removal. Neither this removal nor earlier removals removed events
    /// after the position.</param>
    private void Restart(LogHead head, long lastRemoval)
    {
        _lastRemoval = lastRemoval;
        _reconciler.Reset();
        _check.StartAfter(head.Position);
        _start = head;
    }

    /// <summary>Reads the log from the last checked event, which must not have changed, to the end.</summary>
    private async ValueTask<long> AuditPages(long lastRemoval, CancellationToken cancellationToken)
    {
        _check.StartPass();
        var (checkedEvents, isFirst) = (0L, true);
        for (var next = Math.Max(1, _check.Position); checkedEvents <= _options.MaxEventsPerLook; isFirst = false)
        {
            var query = new LogPageQuery(EventFilter.All, next, IsBackwards: false, PageEvents) { IsBrief = true };
            var page = await store.Stored.Primary.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            if (isFirst)
                await VerifyLast(page, lastRemoval, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count; i++)
            {
                var recorded = page.Events[i];
                if (isFirst && recorded.Position == _check.Position)
                    continue;
                _check.Next(recorded, store.Tail.Find(recorded.Position), _newProblems);
                checkedEvents++;
            }
            if (page.IsEnd)
                return checkedEvents;
            next = page.Next;
        }
        return checkedEvents;
    }

    private async ValueTask VerifyLast(EventPage page, long lastRemoval, CancellationToken cancellationToken)
    {
        var first = page.Events.Count > 0 ? page.Events[0] : null;
        var head = first is null
            ? await store.Stored.Primary.Log.GetHead(cancellationToken).ConfigureAwait(false)
            : default;
        if (first is null && head.Epoch != _start.Epoch)
            return; // A new epoch has started. The next check finds the missing events.
        if (_check.VerifyLast(first, head.Position) is not { } problem)
            return;
        _newProblems.Add(
            problem
                + " A failover or a restore lost it: "
                + (
                    _isNewEpoch
                        ? "operations that were reported as done may have to be repeated."
                        : "start a new epoch of the log."));
        Restart(
            first is null ? head : _start with { Position = _check.Position },
            first is null ? lastRemoval : _lastRemoval);
    }

    /// <summary>
    /// Checks that positions without an event have removal records that were added after the previous check.
    /// </summary>
    private async ValueTask ExplainMissingPositions(long lastRemoval, CancellationToken cancellationToken)
    {
        for (var after = _lastRemoval; ;)
        {
            var page = await ReadRemovals(after, cancellationToken).ConfigureAwait(false);
            _reconciler.Add(page.Removals);
            if (page.Removals.Count < PageEvents)
                break;
            after = page.Next;
        }
        var lost = _reconciler.Reconcile(_check, lastRemoval, _newProblems);
        if (lost > 0)
            _newProblems.Add(
                $"{lost} of the positions after {_start.Position} and up to {_check.Position} have neither an event "
                    + "nor a removal record."
            );
    }

    private ValueTask<RemovalPage> ReadRemovals(long after, CancellationToken cancellationToken) =>
        store.Stored.Primary.Log.ReadRemovals(after, PageEvents, cancellationToken);

    private void ReportProgress(long checkedEvents, long skippedEvents)
    {
        _metrics.Audited(checkedEvents);
        foreach (var problem in _newProblems)
        {
            if (_problems.Count < MaxProblems)
            {
                _problems.Add(problem);
                Log.Found(logger, problem);
            }
        }
        if (_newProblems.Count > 0)
            _metrics.Found(_newProblems.Count);
        var before = _status;
        _status = new LogAuditStatus(
            _check.Position,
            before.Events + checkedEvents,
            before.SkippedEvents + skippedEvents,
            store.Time.GetUtcNow(),
            before.ProblemCount + _newProblems.Count,
            _newProblems.Count > 0 ? [.. _problems] : before.Problems);
        _newProblems.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1010, Level = LogLevel.Error,
            Message = "The log has a problem: {Problem} Run 'millrace verify' to see all problems.")]
        public static partial void Found(ILogger logger, string problem);

        [LoggerMessage(
            EventId = 1011, Level = LogLevel.Warning, Message = "Cannot audit the log; retrying until it succeeds.")]
        public static partial void CannotLook(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 1012, Level = LogLevel.Information,
            Message = "The audit of the log works again, after {Failures} failures.")]
        public static partial void LooksAgain(ILogger logger, int failures);

        [LoggerMessage(
            EventId = 1013, Level = LogLevel.Information,
            Message = "The audit skipped {Events} events: the log grew by more than {Most} between two checks.")]
        public static partial void Passed(ILogger logger, long events, int most);
    }
}
