using Millrace.Backups;

namespace Millrace;

/// <summary>A set of backups, from which a store can be restored.</summary>
/// <param name="Id">The id.</param>
/// <param name="LastPosition">The last position of the log in the set.</param>
/// <param name="LastEventAt">The time of the last event, in milliseconds; null if there is none.</param>
/// <param name="Copies">The positions of the copies of the tables, oldest first.</param>
/// <param name="LastCopyAt">The time of the last copy of the tables; null if there is none.</param>
/// <param name="Objects">The number of objects with parts of the log.</param>
/// <param name="Bytes">The size of these objects.</param>
public sealed record BackupSet(
    BackupSetId Id,
    long LastPosition,
    DateTimeOffset? LastEventAt,
    IReadOnlyList<long> Copies,
    DateTimeOffset? LastCopyAt,
    int Objects,
    long Bytes)
{
    /// <summary>
    /// Gets the last position that can be restored if no object is damaged; null if there is none.
    /// </summary>
    public long? RestorablePosition { get; init; }

    /// <summary>Gets whether the continuous backup wrote the last object of the log.</summary>
    public bool IsContinuous { get; init; }

    /// <summary>
    /// Returns the set that a restore uses by default: of the last epoch that can be restored, the one that restores
    /// the last position.
    /// </summary>
    /// <param name="sets">Sets of one store, oldest first; at least one.</param>
    public static BackupSet Latest(IReadOnlyList<BackupSet> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        // After a full backup by command, the continuous backup may have continued the set before, or lack a table
        // copy in the new one.
        var last = sets.LastOrDefault(set => set.RestorablePosition is not null) ?? sets[^1];
        return sets
            .Where(set => set.Id.Epoch == last.Id.Epoch)
            .OrderBy(set => set.RestorablePosition ?? -1)
            .ThenBy(set => set.IsContinuous)
            .ThenBy(set => set.Id.Generation)
            .Last();
    }

    internal static BackupSet Of(BackupContents contents)
    {
        var time = contents.Log.Count == 0 ? 0 : contents.Log.Max(part => part.LastTime);
        return new BackupSet(
            contents.Id,
            contents.LastPosition,
            time == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(time),
            [.. contents.Copies.OrderBy(complete => complete.Time).Select(complete => complete.Position)],
            contents.Copies.Count == 0
                ? null
                : DateTimeOffset.FromUnixTimeMilliseconds(contents.Copies.Max(complete => complete.Time)),
            contents.Log.Count,
            contents.Log.Sum(part => part.Size))
        {
            RestorablePosition = contents.RestorablePosition,
            IsContinuous = contents.IsContinuous,
        };
    }
}
