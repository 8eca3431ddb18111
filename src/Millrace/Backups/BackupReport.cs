namespace Millrace;

/// <summary>The result of a backup by command.</summary>
/// <param name="Set">The set.</param>
/// <param name="FromPosition">The position after which events were written.</param>
/// <param name="Position">The last position that the backup contains.</param>
/// <param name="Duration">How long the backup took.</param>
public sealed record BackupReport(BackupSetId Set, long FromPosition, long Position, TimeSpan Duration)
{
    /// <summary>Gets whether old backups were kept, because the place refuses deletion.</summary>
    public bool KeepsOld { get; init; }
}
