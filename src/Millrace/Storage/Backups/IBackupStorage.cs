using Millrace.Storage.Moves;

namespace Millrace.Storage.Backups;

/// <summary>A storage that can be backed up continuously (<c>UseBackup</c>). Optional for storages.</summary>
/// <remarks>
/// A backup reads the log and the tables with the sessions of <see cref="IMovableStorage.Moves"/>. Events tell nothing
/// about claims, handled ids, removals and documents such as timers, so the storage also records their changes.
/// </remarks>
public interface IBackupStorage : IMovableStorage
{
    /// <summary>Gets the recorder of changes outside the log.</summary>
    IChangeRecorder Changes { get; }
}
