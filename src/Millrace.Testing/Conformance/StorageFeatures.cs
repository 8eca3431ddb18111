namespace Millrace.Testing;

/// <summary>Optional features of a storage. The conformance suite has additional checks for each feature.</summary>
[Flags]
public enum StorageFeatures
{
    /// <summary>No optional features.</summary>
    None = 0,

    /// <summary>
    /// The storage keeps committed data when it is closed and reopened. The author overrides <see
    /// cref="StorageConformance.Reopen"/>.
    /// </summary>
    Reopens = 1,

    /// <summary>
    /// Several storages can use the same data at the same time, as the nodes of a store do. The author overrides <see
    /// cref="StorageConformance.OpenAnother"/>.
    /// </summary>
    IsShared = 2,

    /// <summary>The storage runs SQL statements of the application in a commit.</summary>
    RunsStatements = 4,

    /// <summary>
    /// The storage creates backups. The author overrides <see cref="StorageConformance.NewBackupDestination"/> and <see
    /// cref="StorageConformance.OpenBackup"/>.
    /// </summary>
    BacksUp = 8,

    /// <summary>
    /// The storage can be moved. It implements <see cref="Millrace.Storage.Moves.IMovableStorage"/>.
    /// </summary>
    Moves = 16,

    /// <summary>
    /// The storage replaces contents of events (<see cref="Millrace.Storage.CommitRequest.Replacements"/>). Stores with
    /// an archive need it.
    /// </summary>
    ReplacesContents = 32,
}
