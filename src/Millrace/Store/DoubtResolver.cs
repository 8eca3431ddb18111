using Millrace.Storage;

namespace Millrace;

/// <summary>Finds out what became of a request when its commit neither succeeded nor failed for certain.</summary>
/// <remarks>
/// A request with events stands in the log if its first event's id does; one without is known by a handled id; one that only moved a
/// checkpoint is answered as a lost lease, so that its consumer reads its checkpoint again. What cannot be known is said to be in doubt.
/// </remarks>
internal sealed class DoubtResolver(ILogStorage log, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async ValueTask<(CommitOutcome? Outcome, Exception? Failure)> Resolve(CommitRequest request, Exception doubt)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await Look(request, doubt).ConfigureAwait(false);
            }
            catch (StorageException) when (time.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pause, time).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                return (null, doubt);
            }
        }
    }

    private static (CommitOutcome?, Exception?) NotCommitted(Exception doubt) =>
        (null, new StorageException("The commit did not happen; nothing was written. Try again.", StorageProblem.Unavailable, doubt));

    private async ValueTask<(CommitOutcome? Outcome, Exception? Failure)> Look(CommitRequest request, Exception doubt)
    {
        if (request.Appends.Count > 0)
            return await LookForEvents(request, doubt).ConfigureAwait(false);
        foreach (var mark in request.Handled)
        {
            var answer = await log.FindHandled(mark.Scope, mark.Id, CancellationToken.None).ConfigureAwait(false);
            return answer is null ? NotCommitted(doubt) : (CommitOutcome.HandledBefore(answer), null);
        }
        return request.Checkpoint is { } move
            ? (null, new LeaseLostException(move.Consumer, move.Partition, "its last commit is in doubt"))
            : (null, doubt);
    }

    private async ValueTask<(CommitOutcome? Outcome, Exception? Failure)> LookForEvents(CommitRequest request, Exception doubt)
    {
        var placements = new AppendPlacement[request.Appends.Count];
        for (var i = 0; i < placements.Length; i++)
        {
            var events = request.Appends[i].Events;
            var first = await log.FindEvent(events[0].Id, CancellationToken.None).ConfigureAwait(false);
            if (first is null || first.Stream != request.Appends[i].Stream)
                return NotCommitted(doubt);
            var more = events.Count - 1;
            placements[i] = new AppendPlacement(first.Version, first.Version + more, first.Position, first.Position + more);
        }
        return (CommitOutcome.Committed(placements, placements.Max(placement => placement.LastPosition), default), null);
    }
}
