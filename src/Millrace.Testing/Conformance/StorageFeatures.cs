namespace Millrace.Testing;

/// <summary>What a storage may offer beyond what every one must. Each has checks of its own in the conformance
/// suite.</summary>
[Flags]
public enum StorageFeatures
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>
    /// What was committed is still there after the storage was closed and opened again:
    /// <see cref="StorageConformance.Reopen"/>.
    /// </summary>
    Reopens = 1,

    /// <summary>Several storages work on the same data at a time, as nodes do:
    /// <see cref="StorageConformance.OpenAnother"/>.</summary>
    IsShared = 2,

    /// <summary>It runs the user's own SQL in a commit.</summary>
    RunsStatements = 4,

    /// <summary>
    /// It makes a backup: <see cref="StorageConformance.NewBackupDestination"/> and
    /// <see cref="StorageConformance.OpenBackup"/>.
    /// </summary>
    BacksUp = 8,
}
