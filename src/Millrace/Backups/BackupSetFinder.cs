using System.Globalization;
using Millrace.Backups.Format;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>Finds the set of a store's epoch that a backup continues.</summary>
internal sealed class BackupSetFinder(BackupPlace place, MoveHeader header, bool isEncrypted)
{
    private const int MaxLists = 5; // Another node may join parts at the same time.

    /// <summary>Finds the set to continue, or begins a new one.</summary>
    /// <param name="noted">The part that the continuous backup of the store has noted; null for none.</param>
    /// <param name="isByCommand">True if this is a backup by command.</param>
    /// <param name="start">How the backup starts.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="BackupException">The place contains the backup of a later epoch, or of the store from which
    /// this one was restored, or is written continuously with another passphrase.</exception>
    public async Task<BackupContents> Find(
        string? noted, bool isByCommand, BackupStart start, CancellationToken cancellationToken)
    {
        for (var lists = 1; ; lists++)
        {
            var sets = await place.List(cancellationToken).ConfigureAwait(false);
            if (sets.LastOrDefault(set => set.Id.Epoch > header.Epoch) is { } later)
                throw Replaced(later.Id);
            var ofEpoch = sets.Where(set => set.Id.Epoch == header.Epoch).ToList();
            if (isByCommand && noted is not null
                && ofEpoch.LastOrDefault(set => set.Contains(noted)) is { } continued)
                await ThrowIfOtherPassphrase(continued, cancellationToken).ConfigureAwait(false);
            if (ofEpoch is not [.., var last])
            {
                if (sets is [.., var former] && !start.Continues(header.Epoch)
                    && !await HasWrittenAny(sets, former.Id.Epoch, noted, cancellationToken).ConfigureAwait(false))
                    throw Restored(former.Id);
                return new BackupContents(new BackupSetId(header.StoreId, header.Epoch, 1));
            }
            // Two stores that were restored have the same epoch until the first of them writes to the place. Their logs
            // differ, but a set without events does not show whose it is.
            if (sets[0].Id.Epoch < header.Epoch && !start.ContinuesRestored
                && ofEpoch.All(static set => set.LastPosition == 0)
                && !await HasWrittenAny(sets, header.Epoch, noted, cancellationToken).ConfigureAwait(false))
                throw Restored(last.Id);
            var isNew = start.IsFull || !isEncrypted
                ? start.IsFull
                : await IsPlain(last, cancellationToken).ConfigureAwait(false);
            if (isNew is null && lists < MaxLists)
                continue; // Another node has joined the object meanwhile.
            return isNew is true
                ? new BackupContents(last.Id with { Generation = last.Id.Generation + 1 })
                : last;
        }
    }

    /// <summary>Returns true if the continuous backup of the store wrote a set of its epoch.</summary>
    /// <param name="noted">The part that the continuous backup has noted; null for none, or if its changes are
    /// missing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<bool> HasContinuous(string? noted, CancellationToken cancellationToken)
    {
        var sets = await place.List(cancellationToken).ConfigureAwait(false);
        // Only the continuous backup knows that it has all changes. It starts with a table copy, which it notes.
        return sets.Any(set => set.Id.Epoch == header.Epoch && set.Log.Any(static part => part.HasAllChanges))
            || await HasWrittenAny(sets, header.Epoch, noted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns true if the store itself wrote a set of an epoch. After a full backup by command, the continuous backup
    /// may not have written the last one yet.
    /// </summary>
    private async Task<bool> HasWrittenAny(
        IReadOnlyList<BackupContents> sets, long epoch, string? noted, CancellationToken cancellationToken)
    {
        foreach (var set in sets.Where(set => set.Id.Epoch == epoch))
        {
            if (await HasWritten(set, noted, cancellationToken).ConfigureAwait(false))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns true if the store itself wrote a set, and began a new epoch since, as after the promotion of a standby.
    /// It notes the last part. A restored store notes none.
    /// </summary>
    private async Task<bool> HasWritten(BackupContents set, string? noted, CancellationToken cancellationToken)
    {
        if (noted is null)
            return false;
        if (set.Contains(noted))
            return true;
        if (!long.TryParse(noted.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        // The store notes an earlier part than the last one if its last commits were lost.
        foreach (var segment in set.Log.Where(part => part.FromNumber <= number && part.ToNumber >= number))
        {
            var (info, _) = await place.GetLog(segment.Name, cancellationToken).ConfigureAwait(false);
            if (info.Objects?.Any(name => LogObjectName.Parse(name, 0)?.Label == noted) is true)
                return true;
        }
        return false;
    }

    private BackupException Restored(BackupSetId former) =>
        new($"{place.Description} contains set {former} of the store from which this one was restored or copied (log "
            + $"epoch {header.Epoch}), and which may still be in use. If this store replaces it, or was promoted and "
            + "is only backed up by command, continue its backups: "
            + "run millrace backup PLACE --continue-backup once, or set ContinuedEpoch of UseBackup "
            + $"(Millrace:Backup:ContinuedEpoch) to {header.Epoch}. For a test, use another place, or none.")
        {
            Problem = BackupProblem.RestoredStore,
        };

    private BackupException Replaced(BackupSetId later) =>
        new($"{place.Description} contains backups of log epoch {later.Epoch} of this store, but the store has "
            + $"epoch {header.Epoch}: a store that was restored from it has replaced it. Back up the store that is "
            + "in use, or use another place. If the other one was a test, remove its objects from the place: their "
            + $"names start with '{later.Folder}'.")
        {
            Problem = BackupProblem.ReplacedStore,
        };

    /// <summary>
    /// Compares the passphrase of a backup by command with that of the continuous backup, which continues a new set.
    /// </summary>
    private async Task ThrowIfOtherPassphrase(BackupContents contents, CancellationToken cancellationToken)
    {
        try
        {
            if (contents.Log.Count > 0)
                await place.GetLog(contents.Log[^1].Name, cancellationToken).ConfigureAwait(false);
            else
                await place.Get(contents.Copies[^1].Name, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupException exception)
        {
            throw new BackupException(
                $"The continuous backup writes set {contents.Id}, which this backup cannot continue: "
                    + $"{exception.Message} Use the passphrase of UseBackup, or none if it has none; or another place.",
                exception)
            {
                DamagedObject = exception.DamagedObject,
            };
        }
    }

    /// <summary>
    /// Returns true if a set was written without encryption; null if its last object is not there any more.
    /// </summary>
    private async Task<bool?> IsPlain(BackupContents contents, CancellationToken cancellationToken)
    {
        var copy = contents.Copies is [.., var last] ? last.Name : null;
        var name = contents.Log.Count > 0 ? contents.Log[^1].Name : copy;
        return name is null ? false : !await place.IsEncrypted(name, cancellationToken).ConfigureAwait(false);
    }
}
