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
    internal static BackupSet Of(BackupContents contents)
    {
        var time = contents.Log.Count == 0 ? 0 : contents.Log.Max(part => part.LastTime);
        return new BackupSet(
            contents.Id,
            contents.LastPosition,
            time == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(time),
            [.. contents.Copies.Select(complete => complete.Position)],
            contents.Copies.Count == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(contents.Copies[^1].Time),
            contents.Log.Count,
            contents.Log.Sum(part => part.Size));
    }
}
