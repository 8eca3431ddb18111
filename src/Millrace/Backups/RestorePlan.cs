using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>The objects from which a store is restored.</summary>
/// <param name="Position">The last position of the restored log.</param>
/// <param name="Copy">The table copy whose rows are restored.</param>
/// <param name="Log">The objects with the log, in order.</param>
/// <param name="HasAllChanges">True if the objects contain all changes after the table copy.</param>
/// <param name="Damaged">The damaged objects of later table copies, which are not used.</param>
internal sealed record RestorePlan(
    long Position,
    TableCopyName Copy,
    IReadOnlyList<LogObjectName> Log,
    bool HasAllChanges,
    IReadOnlyList<DamagedObject> Damaged);
