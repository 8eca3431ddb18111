using Millrace.Storage.Moves;

namespace Millrace.Storage.Backups;

/// <summary>A recorded change of a table that belongs to the log.</summary>
/// <param name="Number">The number of the change.</param>
/// <param name="Position">The last position of the log after the change.</param>
/// <param name="Table">The table.</param>
/// <param name="Row">The row after the change; only its key if it was removed.</param>
/// <param name="IsRemoved">True if the row was removed.</param>
public sealed record RecordedChange(long Number, long Position, MovedTable Table, MovedRow Row, bool IsRemoved);
