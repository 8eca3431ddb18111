using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Applies recorded changes up to a position to a store that is being restored.</summary>
internal sealed class ChangeReplay(long position, long lastOfTransaction)
{
    private const int HandledPosition = 3; // A column of MovedTables.Handled.

    // Two nodes may have written the same change, and the later one must not be undone.
    private readonly Dictionary<(string Table, MovedRow Key), long> _applied = [];

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
        foreach (var change in changes)
        {
            if (!IsBefore(change, recordsRequests) || !IsNewest(change))
                continue;
            var write = change.IsRemoved
                ? session.Remove(change.Table, [change.Row], cancellationToken)
                : session.Put(change.Table, [change.Row], cancellationToken);
            await write.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns true if the change belongs to the restored log. The position of a change of a transaction can be that of
    /// a later request: then a value remains claimed rather than being free although its events exist.
    /// </summary>
    public bool IsBefore(RecordedChange change, bool recordsRequests)
    {
        if (change.Table == MovedTables.Handled)
            return !change.IsRemoved && change.Row[HandledPosition] is long handled && handled <= position;
        if (change.Position <= position)
            return true;
        return !recordsRequests
            && !change.IsRemoved
            && change.Table == MovedTables.Claims
            && change.Position <= lastOfTransaction;
    }

    private bool IsNewest(RecordedChange change)
    {
        var key = (change.Table.Name, change.Row.Key(change.Table.KeyColumns));
        if (_applied.TryGetValue(key, out var applied) && applied > change.Number)
            return false;
        _applied[key] = change.Number;
        return true;
    }
}
