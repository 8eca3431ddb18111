namespace Millrace.Storage.Moves;

/// <summary>
/// Looks why a segment differs: what the source has removed by record since it was copied is removed from the target as
/// well, and anything else is refused.
/// </summary>
internal sealed class SegmentRepair(IMoveEndpoint from, IMoveEndpoint to)
{
    private const int PageRows = 1_000;
    private const long Deletion = 0; // It hides a stream and removes no events.

    public static StoreMoveException Differs(Segment segment, string why) =>
        new(
            $"The target differs from the source at {segment}: {why}. It is not a true copy: nothing was switched. "
                + $"Remove it and move to an "
                + "empty place; 'millrace verify' tells of each of the two whether it is sound.");

    public async Task Run(Segment segment, CancellationToken cancellationToken)
    {
        var source = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using var _ = source.ConfigureAwait(false);
        var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
        await using var __ = target.ConfigureAwait(false);
        var standing = await ReadAll(source, segment, cancellationToken).ConfigureAwait(false);
        var copied = await ReadAll(target, segment, cancellationToken).ConfigureAwait(false);
        var removed = await ReadRemovals(source, cancellationToken).ConfigureAwait(false);
        var gone = new List<long>();
        foreach (var (position, (stream, version, hash)) in copied)
        {
            if (!standing.TryGetValue(position, out var original))
            {
                if (removed.GetValueOrDefault(stream) < version)
                    throw Differs(
                        segment, $"it has an event at {position} that the source neither has nor recorded as removed");
                gone.Add(position);
            }
            else if (!original.Hash.AsSpan().SequenceEqual(hash))
            {
                throw Differs(segment, $"the event at {position} is another one");
            }
        }
        if (standing.Keys.FirstOrDefault(position => !copied.ContainsKey(position)) is > 0 and var lost)
            throw Differs(segment, $"it lacks the event at {lost}");
        await target.RemoveEvents(gone, cancellationToken).ConfigureAwait(false);
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
            foreach (var read in events)
            {
                hash.Add(read);
                found.Add(read.Position, (read.Stream.Value, read.Version, hash.Take()));
            }
            next = events[^1].Position + 1;
        }
        return found;
    }

    /// <summary>Up to which version each stream's events were removed.</summary>
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
                // id, stream, kind, from_version, to_version, none of them null.
                var (stream, kind, last) = ((string)row[1]!, (long)row[2]!, (long)row[4]!);
                if (kind != Deletion)
                    removed[stream] = Math.Max(removed.GetValueOrDefault(stream), last);
            }
        }
        while (rows.Count == PageRows);
        return removed;
    }
}
