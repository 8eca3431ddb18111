namespace Millrace.Backups;

/// <summary>Removes old bases and sets of a store.</summary>
internal sealed class BackupCleaner(BackupPlace place, IReadOnlyList<BackupContents> sets)
{
    public async Task Run(DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var limit = cutoff.ToUnixTimeMilliseconds();
        for (var i = 0; i < sets.Count; i++)
        {
            // The next set began with a base, from which on this set is not needed.
            var isReplaced = i + 1 < sets.Count && sets[i + 1].Bases is [{ Time: var next }, ..] && next < limit;
            if (isReplaced)
                await place.DeleteAll(sets[i].Id.Folder, cancellationToken).ConfigureAwait(false);
            else
                await RemoveBases(sets[i], limit, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RemoveBases(BackupContents set, long limit, CancellationToken cancellationToken)
    {
        for (var i = 0; i + 1 < set.Bases.Count && set.Bases[i + 1].Time < limit; i++)
        {
            // First the object that completes the base, so that a restore never chooses a base that lacks rows.
            await place.Delete(set.Bases[i].Name, cancellationToken).ConfigureAwait(false);
            await place.DeleteAll(set.Bases[i].RowsPrefix, cancellationToken).ConfigureAwait(false);
        }
    }
}
