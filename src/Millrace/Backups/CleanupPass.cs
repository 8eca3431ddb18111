using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>A pass over the log of a set, in which objects are cleaned in the order of their last positions.</summary>
/// <param name="set">The set.</param>
/// <param name="removed">The removed events.</param>
/// <param name="marker">What earlier passes have done.</param>
/// <param name="target">What is done when the pass is complete.</param>
internal sealed class CleanupPass(
    BackupSetId set, RemovedVersions removed, CleanupMarker marker, CleanupMarker target)
{
    private (long Last, string Name) _cleaned = (-1, "");

    public BackupSetId Set => set;

    public RemovedVersions Removed => removed;

    public CleanupMarker Marker => marker;

    public CleanupMarker Target => target;

    /// <summary>
    /// Gets what is done up to now. An object with the same last position as the last one may not be cleaned.
    /// </summary>
    public CleanupMarker Progress => target with
    {
        Position = Math.Max(From, _cleaned.Last - 1),
        IsComplete = false,
    };

    // Objects up to this position need no cleaning of events.
    private long From => marker.Removal == target.Removal ? marker.Position : 0;

    public void Add(LogObjectName part) => _cleaned = (part.Last, part.Name);

    /// <summary>Returns true if each table copy contains the changes of the object.</summary>
    public bool IsBeforeCopies(LogObjectName part) => part.ToNumber < target.Number;

    public LogObjectName? FindNext(BackupContents contents) => contents.Id == set
        ? contents.Log
            .Where(part => NeedsCleaning(part) && Compare((part.Last, part.Name), _cleaned) > 0)
            .MinBy(part => (part.Last, part.Name), Comparer<(long, string)>.Create(Compare))
        : null;

    private static int Compare((long Last, string Name) left, (long Last, string Name) right) =>
        left.Last != right.Last
            ? left.Last.CompareTo(right.Last)
            : string.CompareOrdinal(left.Name, right.Name);

    private bool NeedsCleaning(LogObjectName part) =>
        (target.Removal > 0 && part.Last > From && part.Last <= target.Position)
        || (IsBeforeCopies(part) && (part.ToNumber >= marker.Number || part.Last > marker.Position));
}
