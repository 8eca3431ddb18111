using Millrace.Storage;

namespace Millrace;

/// <summary>The result of a restore.</summary>
public sealed record RestoreReport
{
    /// <summary>Gets the set from which the store was restored.</summary>
    public required BackupSetId Set { get; init; }

    /// <summary>Gets the end of the restored log, in its new epoch.</summary>
    public required LogHead Head { get; init; }

    /// <summary>Gets the number of restored events.</summary>
    public required long Events { get; init; }

    /// <summary>Gets the number of restored rows outside the log, such as documents and claims.</summary>
    public required long Rows { get; init; }

    /// <summary>
    /// Gets the position that the documents and the checkpoints of consumers reflect. Consumers continue after it when
    /// an application starts.
    /// </summary>
    public required long RowsPosition { get; init; }

    /// <summary>
    /// Gets the streams of erasures and runs of retention that ended after <see cref="RowsPosition"/>. The restored
    /// dead letters and documents can contain what they removed. Request these erasures again.
    /// </summary>
    public IReadOnlyList<string> RemovalsAfterRows { get; init; } = [];

    /// <summary>Gets the time of the last restored event; null if the log is empty.</summary>
    public DateTimeOffset? LastEventAt { get; init; }

    /// <summary>
    /// Gets damaged objects that were not needed, because an earlier copy of the tables replaced them.
    /// </summary>
    public IReadOnlyList<DamagedObject> Damaged { get; init; } = [];

    /// <summary>Gets how long the restore took.</summary>
    public required TimeSpan Duration { get; init; }
}
