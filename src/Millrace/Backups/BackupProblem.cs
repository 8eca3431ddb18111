namespace Millrace;

/// <summary>Why a backup or a restore was refused.</summary>
public enum BackupProblem
{
    /// <summary>Another reason, which the message states.</summary>
    Other,

    /// <summary>
    /// The store was restored or copied from the one whose backups the place contains, and may be a test. It is backed
    /// up there only on request: by <c>millrace backup DESTINATION --continue-backup</c> or
    /// <see cref="BackupOptions.ContinuedEpoch"/>.
    /// </summary>
    RestoredStore,

    /// <summary>The place contains backups of a later log epoch: a restored store replaced this one.</summary>
    ReplacedStore,
}
