using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Commits batches, resolves commits in doubt, returns each outcome to its caller, and passes the written events to the
/// tail.
/// </summary>
internal sealed partial class CommitWriter(
    ILogStorage log,
    LogTail tail,
    TimeProvider time,
    StoreMetrics metrics,
    InDoubtResolver inDoubt,
    ILogger<CommitWriter> logger)
{
    public StoreAvailability Availability { get; } = new();

    public async ValueTask Commit(IReadOnlyList<PendingCommit> batch)
    {
        if (batch.Count == 0)
            return;
        CommitOutcome[] outcomes;
        var started = time.GetTimestamp();
        try
        {
            var requests = new CommitRequest[batch.Count];
            for (var i = 0; i < requests.Length; i++)
                requests[i] = batch[i].Request;
            outcomes = await log.Commit(requests, time.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Callers receive any exception, and the write loop continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            await Fail(batch, exception).ConfigureAwait(false);
            return;
        }
        // These calls are outside of the try block, because a committed batch must never be retried.
        Availability.ReportCommit(time.GetTimestamp());
        Complete(batch, outcomes);
        Measure(batch, outcomes, time.GetElapsedTime(started));
    }

    private void Complete(IReadOnlyList<PendingCommit> batch, CommitOutcome[] outcomes)
    {
        tail.AddCommitted(batch, outcomes);
        for (var i = 0; i < outcomes.Length; i++)
            batch[i].Complete(outcomes[i]);
    }

    private void Measure(IReadOnlyList<PendingCommit> batch, CommitOutcome[] outcomes, TimeSpan elapsed)
    {
        try
        {
            metrics.RecordDuration(elapsed);
            metrics.RecordBatch(outcomes.Length);
            for (var i = 0; i < outcomes.Length; i++)
                metrics.RecordOutcome(outcomes[i], batch[i].Events);
        }
#pragma warning disable CA1031 // A metrics listener may throw any exception; the write loop continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CannotMeasure(logger, exception);
        }
    }

    private async ValueTask Fail(IReadOnlyList<PendingCommit> batch, Exception exception)
    {
        Log.CommitFailed(logger, batch.Count, exception);
        Availability.ReportFailure(exception);
        if (exception is StorageException { IsInDoubt: true })
        {
            await ResolveInDoubt(batch, exception).ConfigureAwait(false);
            return;
        }
        var mayBeCausedByOneRequest = exception is not StorageException storage
            || storage.Problem is StorageProblem.Other or StorageProblem.Statement;
        if (batch.Count > 1 && mayBeCausedByOneRequest)
        {
            foreach (var pending in batch)
                await Commit([pending]).ConfigureAwait(false);
            return;
        }
        foreach (var pending in batch)
            pending.Fail(exception as MillraceException
                ?? new StorageException(exception.Message, StorageProblem.Other, exception));
    }

    private async ValueTask ResolveInDoubt(IReadOnlyList<PendingCommit> batch, Exception exception)
    {
        var next = 0;
        await foreach (var (outcome, failure) in inDoubt.Resolve(batch, exception).ConfigureAwait(false))
        {
            var pending = batch[next++];
            if (outcome is not null)
                pending.Complete(outcome);
            else
                pending.Fail(failure ?? exception);
        }
        tail.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "A commit of {Requests} requests failed.")]
        public static partial void CommitFailed(ILogger logger, int requests, Exception exception);

        [LoggerMessage(
            EventId = 1003, Level = LogLevel.Warning, Message = "A metrics listener of the store failed.")]
        public static partial void CannotMeasure(ILogger logger, Exception exception);
    }
}
