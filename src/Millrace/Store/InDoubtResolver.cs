using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Finds the outcomes of requests after a commit whose outcome is unknown.</summary>
/// <remarks>
/// A request with events was committed if the requested streams contain events with the same ids. A request without
/// events was committed if its handled ids are stored. For a request that only moves a checkpoint, this class reports a
/// lost lease, so that the consumer reads the checkpoint again. The outcome of any other request remains unknown.
/// </remarks>
internal sealed class InDoubtResolver(ILogStorage log, TimeProvider time)
{
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Returns the outcome of each request of a batch, one after another. If the storage does not answer within the
    /// timeout, the remaining requests fail without a query, because each further query could wait for the whole
    /// timeout.
    /// </summary>
    public async IAsyncEnumerable<(CommitOutcome? Outcome, Exception? Failure)> Resolve(
        IReadOnlyList<PendingCommit> batch, Exception commitError)
    {
        var isAnswering = true;
        foreach (var pending in batch)
        {
            var request = pending.Request;
            var needsStorage = request.Appends.Count > 0 || request.Handled.Count > 0;
            var answer = isAnswering || !needsStorage
                ? await Resolve(request, commitError).ConfigureAwait(false)
                : null;
            isAnswering = isAnswering && answer is not null;
            yield return answer ?? (null, commitError);
        }
    }

    /// <summary>Returns the outcome of a request; null if the storage did not answer.</summary>
    private async ValueTask<(CommitOutcome? Outcome, Exception? Failure)?> Resolve(
        CommitRequest request, Exception commitError)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await FindOutcome(request, commitError).ConfigureAwait(false);
            }
            catch (StorageException) when (time.GetElapsedTime(started) < RetryTimeout)
            {
                await Task.Delay(Pause, time).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                return null;
            }
        }
    }

    private static (CommitOutcome?, Exception?) NotCommitted(Exception commitError) =>
        (
            null,
            new StorageException(
                "The commit did not happen; nothing was written. Try again.", StorageProblem.Unavailable, commitError));

    private async ValueTask<(CommitOutcome? Outcome, Exception? Failure)> FindOutcome(
        CommitRequest request, Exception commitError)
    {
        if (request.Appends.Count > 0)
            return await FindEvents(request, commitError).ConfigureAwait(false);
        foreach (var mark in request.Handled)
        {
            var answer = await log.FindHandled(mark.Scope, mark.Id, CancellationToken.None).ConfigureAwait(false);
            return answer is null || mark.MayReplace(answer)
                ? NotCommitted(commitError)
                : (CommitOutcome.HandledBefore(answer), null);
        }
        return request.Checkpoint is { } move
            ? (null, new LeaseLostException(move.Consumer, move.Partition, "its last commit is in doubt"))
            : (null, commitError);
    }

    private async ValueTask<(CommitOutcome? Outcome, Exception? Failure)> FindEvents(
        CommitRequest request, Exception commitError)
    {
        var placements = new AppendPlacement[request.Appends.Count];
        var recordedAt = default(DateTimeOffset);
        for (var i = 0; i < placements.Length; i++)
        {
            var append = request.Appends[i];
            if (await FindFirst(append).ConfigureAwait(false) is not { } first)
                return NotCommitted(commitError);
            var offset = append.Events.Count - 1;
            if (offset > 0
                && !await IsStored(append.Stream, append.Events[^1].Id, first.Version + offset).ConfigureAwait(false))
                return NotCommitted(commitError); // An earlier request wrote only some of the events.
            placements[i] = new AppendPlacement(
                first.Version, first.Version + offset, first.Position, first.Position + offset);
            recordedAt = first.Timestamp;
        }
        return (
            CommitOutcome.Committed(placements, placements.Max(placement => placement.LastPosition), recordedAt), null);
    }

    private async ValueTask<RecordedEvent?> FindFirst(StreamAppend append)
    {
        var id = append.Events[0].Id;
        var expected = append.Expected;
        var found = await log.FindEvent(append.Stream, id, CancellationToken.None).ConfigureAwait(false);
        if (found is null || !expected.IsExact || found.Version == expected.Version + 1)
            return found;
        // The stream also contains the id at another version, or the stream was deleted and created again. Only the
        // event after the expected version is relevant.
        var query = new StreamPageQuery(append.Stream, expected.Version + 1, IsBackwards: false, Limit: 1);
        var page = await log.ReadStream(query, CancellationToken.None).ConfigureAwait(false);
        return page.Events.Count > 0 && page.Events[0].Id == id ? page.Events[0] : null;
    }

    private async ValueTask<bool> IsStored(StreamId stream, Guid id, long version)
    {
        var found = await log.FindEvent(stream, id, CancellationToken.None).ConfigureAwait(false);
        return found?.Version == version;
    }
}
