namespace Millrace.Storage.InMemory;

/// <summary>
/// Commits one batch. This class decides which requests are accepted, checks that all of them can be written, and then
/// writes them. The caller must hold the write lock.
/// </summary>
internal sealed class InMemoryCommit(InMemoryData data)
{
    public CommitOutcome[] Run(IReadOnlyList<CommitRequest> batch, DateTimeOffset now)
    {
        var oldHead = data.Head;
        var outcomes = CommitDecision.Decide(batch, new InMemoryFacts(data), now);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed)
                CheckWritable(batch[i]);
        }
        // The following writes cannot fail, so the storage writes all accepted requests or none.
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed)
                Write(batch[i], outcomes[i], now);
        }
        data.Handled.RemoveExpired(now);
        if (data.Head != oldHead)
            data.NotifyMoved();
        return outcomes;
    }

    private void CheckWritable(CommitRequest request)
    {
        if (request.Statements.Count > 0)
            throw new StorageException(
                "The in-memory storage does not support SQL. Use a database for SQL statements.",
                StorageProblem.Statement);
        foreach (var change in request.Documents)
            data.GetCollection(change.Collection).Check(change);
    }

    private void Write(CommitRequest request, CommitOutcome outcome, DateTimeOffset now)
    {
        for (var i = 0; i < request.Appends.Count; i++)
            Append(request.Appends[i], outcome.Placements[i], outcome.Timestamp);
        foreach (var replacement in request.Replacements)
            data.Events.Replace(StoredEvent.Of(replacement.Detached()));
        foreach (var removal in request.Removals)
            Remove(removal, outcome.Timestamp);
        foreach (var claim in request.Claims)
            Apply(claim);
        foreach (var change in request.Documents)
            data.Collections[change.Collection].Apply(change, outcome);
        data.LastDocumentVersion = Math.Max(data.LastDocumentVersion, outcome.DocumentVersion);
        foreach (var mark in request.Handled)
            data.Handled.Add(mark, outcome.Position);
        foreach (var change in request.DeadLetters)
            data.DeadLetters.Apply(change);
        if (request.Checkpoint is { } move)
            data.Consumers.Put(data.Consumers.GetOrAdd(move.Consumer, move.Partition) with { Checkpoint = move.To });
    }

    private void Append(StreamAppend append, AppendPlacement placement, DateTimeOffset timestamp)
    {
        var row = data.Streams.GetOrAdd(append.Stream);
        for (var i = 0; i < append.Events.Count; i++)
        {
            var position = placement.FirstPosition + i;
            data.Events.Add(
                new StoredEvent(append.Stream, placement.FirstVersion + i, position, timestamp, append.Events[i]));
            row.Append(position);
        }
    }

    private void Remove(StreamRemoval removal, DateTimeOffset timestamp)
    {
        var row = data.Streams.GetOrAdd(removal.Stream); // A removal of a missing stream was already refused.
        var head = row.Head;
        var (from, to, removed) = removal.Kind switch
        {
            RemovalKind.Delete => (head.FirstVersion, head.Version, 0L),
            RemovalKind.Truncate => RemoveEvents(row, removal.Before - 1),
            _ => RemoveEvents(row, head.Version - 1),
        };
        if (removal.Kind == RemovalKind.Truncate && removed == 0)
            return;
        row.Head = removal.Kind switch
        {
            RemovalKind.Delete => new StreamHead(head.Version, head.Version + 1, StreamState.Deleted),
            RemovalKind.Truncate => head with { FirstVersion = Math.Max(head.FirstVersion, removal.Before) },
            _ => new StreamHead(head.Version, head.Version + 1, StreamState.Closed),
        };
        data.Removals.Add(
            new RemovalRecord(removal.Stream, removal.Kind, from, to, removed, removal.Reason, removal.By, timestamp));
    }

    /// <summary>Removes a stream's events up to a version from the log.</summary>
    private (long From, long To, long Removed) RemoveEvents(StreamRow row, long to)
    {
        var from = 0L;
        var removed = 0L;
        for (var version = 1L; version <= to; version++)
        {
            if (!data.Events.Remove(row.PositionOf(version)))
                continue;
            from = from == 0 ? version : from;
            removed++;
        }
        return (from == 0 ? to + 1 : from, to, removed);
    }

    private void Apply(Claim claim)
    {
        if (!claim.IsRelease)
            data.Claims[(claim.Scope, claim.Value)] = claim.Owner;
        else if (data.Claims.GetValueOrDefault((claim.Scope, claim.Value)) == claim.Owner)
            data.Claims.Remove((claim.Scope, claim.Value));
    }
}
