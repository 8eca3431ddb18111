namespace Millrace.Storage.Moves;

/// <summary>
/// Compares the events of a segment in the source and in the target, if their hashes differ. If the source has removed
/// an event after the copy and has recorded the removal, the event is also removed from the target. Any other
/// difference is an error.
/// </summary>
internal sealed class SegmentRepair(IMoveEndpoint from, IMoveEndpoint to)
{
    private const int PageRows = 1_000;
    private const long Deletion = 0; // A deletion hides a stream and removes no events.

    public static StoreMoveException Differs(Segment segment, string reason) =>
        new(
            $"The target differs from the source at {segment}: {reason}. It is not an exact copy, so nothing was "
            + "switched. Remove it and move to an empty storage. 'millrace verify' checks each of the two stores.");

    public async Task Run(Segment segment, CancellationToken cancellationToken)
    {
        var source = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = source.ConfigureAwait(false);
        var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var __ = target.ConfigureAwait(false);
        var originals = await ReadAll(source, segment, cancellationToken).ConfigureAwait(false);
        var copied = await ReadAll(target, segment, cancellationToken).ConfigureAwait(false);
        var removed = await ReadRemovals(source, cancellationToken).ConfigureAwait(false);
        var toRemove = new List<long>();
        foreach (var (position, (stream, version, hash)) in copied)
        {
            if (!originals.TryGetValue(position, out var original))
            {
                if (removed.GetValueOrDefault(stream) < version)
                    throw Differs(
                        segment,
                        $"the target has an event at {position} that the source does not have and did not record as "
                            + "removed");
                toRemove.Add(position);
            }
            else if (!original.Hash.AsSpan().SequenceEqual(hash))
            {
                throw Differs(segment, $"the event at {position} differs");
            }
        }
        if (originals.Keys.FirstOrDefault(position => !copied.ContainsKey(position)) is > 0 and var lost)
            throw Differs(segment, $"the target lacks the event at {lost}");
        await target.RemoveEvents(toRemove, cancellationToken).ConfigureAwait(false);
        await target.Commit(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<SortedDictionary<long, (string Stream, long Version, byte[] Hash)>> ReadAll(
        IMoveSession session, Segment segment, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<long, (string, long, byte[])>();
        using var hash = new EventHash();
        for (var next = segment.First; next <= segment.Last;)
        {
            var events = await session
                .ReadEvents(next, segment.Last, Segment.PageEvents, cancellationToken)
                .ConfigureAwait(false);
            if (events.Count == 0)
                break;
            foreach (var recorded in events)
            {
                hash.Add(recorded);
                found.Add(recorded.Position, (recorded.Stream.Value, recorded.Version, hash.Take()));
            }
            next = events[^1].Position + 1;
        }
        return found;
    }

    /// <summary>Returns the last removed version of each stream.</summary>
    private static async Task<Dictionary<string, long>> ReadRemovals(
        IMoveSession session, CancellationToken cancellationToken)
    {
        var removed = new Dictionary<string, long>(StringComparer.Ordinal);
        IReadOnlyList<MovedRow> rows = [];
        do
        {
            var after = rows.Count > 0 ? rows[^1] : null;
            rows = await session
                .ReadRows(MovedTables.Removals, after, PageRows, cancellationToken)
                .ConfigureAwait(false);
            foreach (var row in rows)
            {
                // The first columns are id, stream, kind, from_version and to_version. None of them is null.
                var stream = (string)row[1]!;
                var kind = (long)row[2]!;
                var last = (long)row[4]!;
                if (kind != Deletion)
                    removed[stream] = Math.Max(removed.GetValueOrDefault(stream), last);
            }
        }
        while (rows.Count == PageRows);
        return removed;
    }
}
