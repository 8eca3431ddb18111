using Millrace.Storage;

namespace Millrace;

/// <summary>The result of a check of a backup: it was read, restored and verified.</summary>
public sealed record BackupCheckReport
{
    /// <summary>Gets the set that was checked.</summary>
    public required BackupSetId Set { get; init; }

    /// <summary>Gets the number of objects that were read.</summary>
    public required long Objects { get; init; }

    /// <summary>Gets the objects that cannot be read.</summary>
    public required IReadOnlyList<DamagedObject> Damaged { get; init; }

    /// <summary>
    /// Gets the result of the restore; null if nothing can be restored. With damaged objects, this is the last position
    /// that can be restored.
    /// </summary>
    public RestoreReport? Restored { get; init; }

    /// <summary>Gets why nothing can be restored; null if <see cref="Restored"/> is not.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// Gets the result of <c>millrace verify</c> on the restored store; null if nothing was restored.
    /// </summary>
    public VerifyReport? Verification { get; init; }

    /// <summary>Gets how long the check took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Gets whether every object was read, and the restored store fulfils all guarantees.</summary>
    public bool IsSound => Damaged.Count == 0 && Verification is { IsSound: true };
}
