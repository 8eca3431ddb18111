namespace Millrace.Testing;

/// <summary>Optional features of a storage. The conformance suite has additional checks for each.</summary>
[Flags]
public enum StorageFeatures
{
    /// <summary>No optional features.</summary>
    None = 0,

    /// <summary>
    /// Committed data still exists after the storage was closed and reopened: <see cref="StorageConformance.Reopen"/>.
    /// </summary>
    Reopens = 1,

    /// <summary>
    /// Several storages can use the same data at a time, as nodes do: <see cref="StorageConformance.OpenAnother"/>.
    /// </summary>
    IsShared = 2,

    /// <summary>The storage runs the application's SQL in a commit.</summary>
    RunsStatements = 4,

    /// <summary>
    /// The storage makes backups: <see cref="StorageConformance.NewBackupDestination"/> and
    /// <see cref="StorageConformance.OpenBackup"/>.
    /// </summary>
    BacksUp = 8,
}
