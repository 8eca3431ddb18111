using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>Removes old table copies, and old sets before the one that is written.</summary>
internal sealed class BackupCleaner(BackupPlace place, IReadOnlyList<BackupContents> sets, BackupSetId current)
{
    public async Task Run(
        DateTimeOffset cutoff,
        DateTimeOffset now,
        Func<DateTimeOffset, DateTimeOffset> endOfInterval,
        CancellationToken cancellationToken)
    {
        var limit = cutoff.ToUnixTimeMilliseconds();
        for (var i = 0; i < sets.Count && !IsLater(sets[i].Id); i++)
        {
            if (sets[i].Id != current && i + 1 < sets.Count && Restores(sets[i + 1], limit))
                await place.DeleteAll(sets[i].Id.Folder, cancellationToken).ConfigureAwait(false);
            else
                await RemoveCopies(sets[i], limit, now, endOfInterval, cancellationToken).ConfigureAwait(false);
        }
        // Rows of table copies that were interrupted. No table copy takes a day.
        var interrupted = now.AddDays(-1).ToUnixTimeMilliseconds();
        foreach (var copy in sets.SelectMany(set => set.IncompleteCopies).Where(copy => copy.Time < interrupted))
            await place.DeleteAll(copy.RowsPrefix, cancellationToken).ConfigureAwait(false);
    }

    private bool IsLater(BackupSetId id) =>
        (id.Epoch, id.Generation).CompareTo((current.Epoch, current.Generation)) > 0;

    /// <summary>Returns true if the set restores each position after the time, so that no earlier set does.</summary>
    private static bool Restores(BackupContents set, long time) => set.Copies.Any(copy =>
        copy.Time < time
        && copy.Position <= set.LastPosition
        && !set.Log.Any(part => part.FollowsGap && part.FromNumber > copy.Number));

    private async Task RemoveCopies(
        BackupContents set,
        long limit,
        DateTimeOffset now,
        Func<DateTimeOffset, DateTimeOffset> endOfInterval,
        CancellationToken cancellationToken)
    {
        var replaced = set.Copies.Where(copy => set.Copies.Any(other => Replaces(other, copy, limit))).ToList();
        var others = set.Copies.Except(replaced).OrderBy(copy => copy.Time).ToList();
        foreach (var copy in replaced.Concat(FindFrequent(set, others, now, endOfInterval)).ToList())
        {
            // First the object that completes the table copy, so that a restore never chooses a table copy that lacks
            // rows.
            await place.Delete(copy.Name, cancellationToken).ConfigureAwait(false);
            await place.DeleteAll(copy.RowsPrefix, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the table copies that a later one follows in the same interval, as after each of several erasures. The
    /// one before and the changes restore the same positions.
    /// </summary>
    private static IEnumerable<TableCopyName> FindFrequent(
        BackupContents set,
        List<TableCopyName> copies,
        DateTimeOffset now,
        Func<DateTimeOffset, DateTimeOffset> endOfInterval)
    {
        var kept = copies.FirstOrDefault();
        for (var i = 1; i + 1 < copies.Count; i++)
        {
            var (copy, next) = (copies[i], copies[i + 1]);
            var end = endOfInterval(TimeOf(copy));
            if (TimeOf(next) < end && end <= now && HasChanges(set, kept!, next))
                yield return copy;
            else
                kept = copy;
        }
    }

    private static DateTimeOffset TimeOf(TableCopyName copy) => DateTimeOffset.FromUnixTimeMilliseconds(copy.Time);

    /// <summary>Returns true if the log has all changes between two table copies.</summary>
    private static bool HasChanges(BackupContents set, TableCopyName from, TableCopyName to) =>
        from.Number <= to.Number
        && set.Log.Any(part => part.HasAllChanges && part.ToNumber >= from.Number && part.FromNumber <= to.Number)
        && !set.Log.Any(part => part.FollowsGap && part.FromNumber > from.Number && part.FromNumber <= to.Number);

    private static bool Replaces(TableCopyName other, TableCopyName copy, long limit) =>
        other.Time < limit && other.Time > copy.Time && other.Number >= copy.Number;
}
