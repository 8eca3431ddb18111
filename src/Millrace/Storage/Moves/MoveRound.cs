namespace Millrace.Storage.Moves;

/// <summary>Carries over what one state of the source has and the target has not: events, and the rows that were
/// noted.</summary>
internal sealed class MoveRound(
    IMoveEndpoint from, IMoveEndpoint to, StoreMoveOptions options, EventCopier events, RowCopier rows)
{
    private const int PageNotes = 10_000;

    /// <summary>Carries while the source goes on, and returns up to which position both now hold everything.</summary>
    public async Task<long> Run(CancellationToken cancellationToken)
    {
        await rows.CopyCollections(cancellationToken).ConfigureAwait(false);
        var (carried, position) = (new List<long>(), 0L);
        var source = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
            await using var _ = target.ConfigureAwait(false);
            await rows.MatchCollections(source, target, cancellationToken).ConfigureAwait(false);
            position = await Copy(source, target, carried, cancellationToken).ConfigureAwait(false);
            await target.Commit(cancellationToken).ConfigureAwait(false);
        }
        foreach (var page in carried.Chunk(options.PageEvents))
            await from.Forget(page, cancellationToken).ConfigureAwait(false);
        await events.Compare(cancellationToken).ConfigureAwait(false);
        return position;
    }

    /// <summary>Carries the rest while nobody writes; false when there is more to do first. The caller
    /// commits.</summary>
    public async Task<bool> RunFinal(IMoveSession source, IMoveSession target, CancellationToken cancellationToken)
    {
        if (!await rows.MatchCollections(source, target, cancellationToken).ConfigureAwait(false))
            return false;
        var position = await Copy(source, target, [], cancellationToken).ConfigureAwait(false);
        await events.CompareRest(source, target, position, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<long> Copy(
        IMoveSession source, IMoveSession target, List<long> carried, CancellationToken cancellationToken)
    {
        var header = await source.GetHeader(cancellationToken).ConfigureAwait(false);
        await events.CopyRemaining(source, target, header.LastPosition, cancellationToken).ConfigureAwait(false);
        var after = 0L;
        IReadOnlyList<MoveNote> notes;
        do
        {
            notes = await source.ReadNotes(after, PageNotes, cancellationToken).ConfigureAwait(false);
            if (notes.Count == 0)
                break;
            after = notes[^1].Id;
            await CopyNoted(source, target, notes, cancellationToken).ConfigureAwait(false);
            foreach (var note in notes)
                carried.Add(note.Id);
        }
        while (notes.Count == PageNotes);
        await target.SetHeader(header, cancellationToken).ConfigureAwait(false);
        return header.LastPosition;
    }

    private async Task CopyNoted(
        IMoveSession source, IMoveSession target, IReadOnlyList<MoveNote> notes, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, (MovedTable Table, HashSet<MovedRow> Keys)>(StringComparer.Ordinal);
        var removed = new HashSet<long>();
        foreach (var note in notes)
        {
            if (note.Table is null)
            {
                if (note.Key.Values is [long position])
                    removed.Add(position); // Only removals of events are noted, and none comes back.
                continue;
            }
            var name = note.Table.IsDocuments ? $"documents/{note.Table.Name}" : note.Table.Name;
            if (!keys.TryGetValue(name, out var known))
                keys.Add(name, known = (note.Table, []));
            known.Keys.Add(note.Key);
        }
        await target.RemoveEvents(removed, cancellationToken).ConfigureAwait(false);
        foreach (var (table, noted) in keys.Values)
            await rows.CopyNoted(source, target, table, noted, cancellationToken).ConfigureAwait(false);
    }
}
