namespace Millrace.Backups;

/// <summary>Removes old table copies and sets of a store.</summary>
internal sealed class BackupCleaner(BackupPlace place, IReadOnlyList<BackupContents> sets)
{
    public async Task Run(DateTimeOffset cutoff, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var limit = cutoff.ToUnixTimeMilliseconds();
        for (var i = 0; i < sets.Count; i++)
        {
            // The next set began with a table copy, from which on this set is not needed.
            var isReplaced = i + 1 < sets.Count && sets[i + 1].Copies is [{ Time: var next }, ..] && next < limit;
            if (isReplaced)
                await place.DeleteAll(sets[i].Id.Folder, cancellationToken).ConfigureAwait(false);
            else
                await RemoveCopies(sets[i], limit, cancellationToken).ConfigureAwait(false);
        }
        // Rows of table copies that were interrupted. No table copy takes a day.
        var interrupted = now.AddDays(-1).ToUnixTimeMilliseconds();
        foreach (var copy in sets.SelectMany(set => set.IncompleteCopies).Where(copy => copy.Time < interrupted))
            await place.DeleteAll(copy.RowsPrefix, cancellationToken).ConfigureAwait(false);
    }

    private async Task RemoveCopies(BackupContents set, long limit, CancellationToken cancellationToken)
    {
        for (var i = 0; i + 1 < set.Copies.Count && set.Copies[i + 1].Time < limit; i++)
        {
            // First the object that completes the table copy, so that a restore never chooses a table copy that lacks
            // rows.
            await place.Delete(set.Copies[i].Name, cancellationToken).ConfigureAwait(false);
            await place.DeleteAll(set.Copies[i].RowsPrefix, cancellationToken).ConfigureAwait(false);
        }
    }
}
