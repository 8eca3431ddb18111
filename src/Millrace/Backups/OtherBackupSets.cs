using System.Globalization;

namespace Millrace.Backups;

/// <summary>Finds other sets of a store, for a restore that the chosen set does not permit.</summary>
internal static class OtherBackupSets
{
    /// <summary>Returns which sets exist, and which one to choose; null if there is no other one.</summary>
    /// <param name="place">The place.</param>
    /// <param name="sets">The sets of the place.</param>
    /// <param name="chosen">The chosen set.</param>
    /// <param name="point">The point that it cannot restore.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<string?> Describe(
        BackupPlace place,
        IReadOnlyList<BackupContents> sets,
        BackupContents chosen,
        RestorePoint point,
        CancellationToken cancellationToken)
    {
        var others = sets.Where(set => set.Id.Store == chosen.Id.Store && set.Id != chosen.Id).Reverse().ToList();
        if (others.Count == 0)
            return null;
        foreach (var other in others)
        {
            if (await CanRestore(place, other, point, cancellationToken).ConfigureAwait(false))
                return $"Set {NameOf(other)} can restore it: choose it with --set {NameOf(other)}.";
        }
        return $"Other sets of this store: {string.Join(", ", others.Select(TextOf))}. Choose one with --set, and a "
            + "position or time that it contains.";
    }

    private static async Task<bool> CanRestore(
        BackupPlace place, BackupContents set, RestorePoint point, CancellationToken cancellationToken)
    {
        try
        {
            await new RestorePlanner(place, set, new HashSet<string>(StringComparer.Ordinal))
                .Plan(point, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (BackupException)
        {
            return false;
        }
    }

    private static string TextOf(BackupContents set) => set.RestorablePosition is { } last
        ? string.Create(CultureInfo.InvariantCulture, $"{NameOf(set)} (up to position {last})")
        : $"{NameOf(set)} (it cannot be restored yet)";

    private static string NameOf(BackupContents set) =>
        string.Create(CultureInfo.InvariantCulture, $"{set.Id.Epoch}-{set.Id.Generation}");
}
