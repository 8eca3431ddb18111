using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Applies recorded changes up to a position to a store that is being restored.</summary>
internal sealed class ChangeReplay(long position, long lastOfTransaction)
{
    private const int MaxPending = 5_000;
    private const int DocumentPosition = 2; // A column of MovedTables.OfDocuments.

    // Two nodes may have written the same change, and the later one must not be undone.
    private readonly AppliedChanges _applied = new();
    private readonly Dictionary<MovedRow, RecordedChange> _pending = [];

    /// <summary>Applies the changes of an object.</summary>
    /// <param name="session">Writes to the store.</param>
    /// <param name="changes">The changes, in order.</param>
    /// <param name="recordsRequests">True if positions are those of single requests.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Apply(
        IMoveSession session,
        IEnumerable<RecordedChange> changes,
        bool recordsRequests,
        CancellationToken cancellationToken)
    {
        // One table at a time, in large batches: the order of changes matters only within a row.
        foreach (var table in changes.Where(change => IsBefore(change, recordsRequests)).GroupBy(TableOf).ToList())
        {
            foreach (var change in table.Where(IsNewest))
            {
                if (_pending.Count >= MaxPending || HasOtherCollection(change))
                    await Flush(session, cancellationToken).ConfigureAwait(false);
                _pending[change.Row.Key(change.Table.KeyColumns)] = AsOfPosition(change);
            }
            await Flush(session, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns true if the change belongs to the restored log. The position of a change of a transaction can be that of
    /// a later request: then a value remains claimed rather than being free although its events exist.
    /// </summary>
    public bool IsBefore(RecordedChange change, bool recordsRequests)
    {
        if (change.Table == MovedTables.Handled)
            return !change.IsRemoved && change.Position <= position;
        if (change.Position <= position)
            return true;
        if (recordsRequests || change.IsRemoved || change.Position > lastOfTransaction)
            return false;
        return change.Table == MovedTables.Claims
            || (change.Collection is not null && change.Row[DocumentPosition] is long written && written <= position);
    }

    private static string TableOf(RecordedChange change) =>
        change.Collection is null ? change.Table.Name : $"documents of {change.Table.Name}";

    /// <summary>Returns the change of a document that was read when it was backed up, as of the position.</summary>
    private RecordedChange AsOfPosition(RecordedChange change)
    {
        if (change.IsRemoved
            || change.Collection is null
            || change.Row[DocumentPosition] is not long written
            || written <= position)
            return change;
        var values = change.Row.Values.ToArray();
        values[DocumentPosition] = Math.Min(change.Position, position);
        return change with { Row = new MovedRow(values) };
    }

    private bool HasOtherCollection(RecordedChange change) =>
        change.Collection is { } collection
        && _pending.Values.FirstOrDefault()?.Collection is { } pending
        && !pending.IsStoredAs(collection);

    private bool IsNewest(RecordedChange change) =>
        _applied.Add((TableOf(change), change.Row.Key(change.Table.KeyColumns)), change.Number);

    /// <summary>Writes the pending changes, which are all of one table.</summary>
    private async Task Flush(IMoveSession session, CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
            return;
        var first = _pending.Values.First();
        var written = _pending.Values.Where(change => !change.IsRemoved).Select(change => change.Row).ToList();
        var removed = _pending.Values.Where(change => change.IsRemoved).Select(change => change.Row).ToList();
        var existing = first.Collection is null
            ? null
            : (await session.ListCollections(cancellationToken).ConfigureAwait(false))
                .FirstOrDefault(one => one.Definition.Name == first.Collection.Name);
        var isMissing = first.Collection is not null && existing is null;
        if (first.Collection is { } collection && written.Count > 0
            && existing?.Definition.IsStoredAs(collection) is not true)
        {
            await session.CreateCollection(collection, cancellationToken).ConfigureAwait(false);
            isMissing = false;
        }
        if (removed.Count > 0 && !isMissing)
            await session.Remove(first.Table, removed, cancellationToken).ConfigureAwait(false);
        if (written.Count > 0)
            await session.Put(first.Table, written, cancellationToken).ConfigureAwait(false);
        _pending.Clear();
    }
}
