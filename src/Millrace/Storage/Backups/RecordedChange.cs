using Millrace.Storage.Moves;

namespace Millrace.Storage.Backups;

/// <summary>A recorded change of a row outside the log that cannot be built from events.</summary>
/// <param name="Number">The number of the change.</param>
/// <param name="Position">The last position of the log after the change.</param>
/// <param name="Table">The table.</param>
/// <param name="Row">The row after the change; only its key if it was removed.</param>
/// <param name="IsRemoved">True if the row was removed.</param>
public sealed record RecordedChange(long Number, long Position, MovedTable Table, MovedRow Row, bool IsRemoved)
{
    /// <summary>Gets the collection whose document was changed; null for another table.</summary>
    public CollectionDefinition? Collection { get; init; }

    /// <summary>Gets the size of the binary values of the row, in bytes.</summary>
    public long Bytes => Row.Values.Sum(static value => value is byte[] bytes ? bytes.LongLength : 0);
}
