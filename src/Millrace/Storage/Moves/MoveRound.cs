namespace Millrace.Storage.Moves;

/// <summary>Copies new events, and rows whose changes the source has recorded, from the source to the target.</summary>
internal sealed class MoveRound(
    IMoveEndpoint from, IMoveEndpoint to, StoreMoveOptions options, EventCopier events, RowCopier rows)
{
    private const int PageNotes = 10_000;

    /// <summary>
    /// Copies changes while applications use the source. Returns the position up to which the events of both storages
    /// are equal.
    /// </summary>
    public async Task<long> Run(CancellationToken cancellationToken)
    {
        await rows.CopyCollections(cancellationToken).ConfigureAwait(false);
        var copied = new List<long>();
        var position = 0L;
        var source = await from.OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = await to.OpenSession(MoveSessionKind.Write, cancellationToken).ConfigureAwait(false);
            await using var _ = target.ConfigureAwait(false);
            await rows.MatchCollections(source, target, cancellationToken).ConfigureAwait(false);
            position = await Copy(source, target, copied, cancellationToken).ConfigureAwait(false);
            await target.Commit(cancellationToken).ConfigureAwait(false);
        }
        foreach (var page in copied.Chunk(options.PageEvents))
            await from.RemoveNotes(page, cancellationToken).ConfigureAwait(false);
        await events.Compare(cancellationToken).ConfigureAwait(false);
        return position;
    }

    /// <summary>
    /// Copies the remaining changes while all writers wait. Returns false if another round must first copy a
    /// collection. The caller must commit the session.
    /// </summary>
    public async Task<bool> RunFinal(IMoveSession source, IMoveSession target, CancellationToken cancellationToken)
    {
        if (!await rows.MatchCollections(source, target, cancellationToken).ConfigureAwait(false))
            return false;
        var position = await Copy(source, target, [], cancellationToken).ConfigureAwait(false);
        await events.CompareRemaining(source, target, position, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<long> Copy(
        IMoveSession source, IMoveSession target, List<long> copied, CancellationToken cancellationToken)
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
            await CopyRecorded(source, target, notes, cancellationToken).ConfigureAwait(false);
            foreach (var note in notes)
                copied.Add(note.Id);
        }
        while (notes.Count == PageNotes);
        await target.SetHeader(header, cancellationToken).ConfigureAwait(false);
        return header.LastPosition;
    }

    private async Task CopyRecorded(
        IMoveSession source, IMoveSession target, IReadOnlyList<MoveNote> notes, CancellationToken cancellationToken)
    {
        var keys = new Dictionary<string, (MovedTable Table, HashSet<MovedRow> Keys)>(StringComparer.Ordinal);
        var removed = new HashSet<long>();
        foreach (var note in notes)
        {
            if (note.Table is null)
            {
                if (note.Key.Values is [long position])
                    removed.Add(position); // Only removals of events are recorded. A removed event is never restored.
                continue;
            }
            var name = note.Table.IsDocuments ? $"documents/{note.Table.Name}" : note.Table.Name;
            if (!keys.TryGetValue(name, out var entry))
            {
                entry = (note.Table, []);
                keys.Add(name, entry);
            }
            entry.Keys.Add(note.Key);
        }
        await target.RemoveEvents(removed, cancellationToken).ConfigureAwait(false);
        foreach (var (table, tableKeys) in keys.Values)
            await rows.CopyRecorded(source, target, table, tableKeys, cancellationToken).ConfigureAwait(false);
    }
}
