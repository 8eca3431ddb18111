using Millrace.Backups;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>
/// Backs up a store once, while applications use it. An incremental backup writes the events since the last one; both
/// kinds write the tables outside the log.
/// </summary>
public sealed class StoreBackup
{
    private readonly IMovableStorage _storage;
    private readonly IObjectStorage _place;
    private readonly string? _passphrase;
    private readonly TimeProvider _time;

    /// <summary>Creates a backup. Nothing is read yet.</summary>
    /// <param name="storage">The storage of the store.</param>
    /// <param name="place">The place of the backups.</param>
    /// <param name="passphrase">Encrypts the backup, at least 12 characters; null for no encryption.</param>
    /// <param name="time">The clock; null for that of the system.</param>
    /// <exception cref="ArgumentException">The storage cannot be backed up, or the passphrase is too short.</exception>
    public StoreBackup(IStorage storage, IObjectStorage place, string? passphrase = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(place);
        if (storage is not IMovableStorage movable)
            throw new ArgumentException(
                $"{storage.Description} cannot be backed up. Use SQLite or PostgreSQL.", nameof(storage));
        if (passphrase is { Length: < PassphraseMasterKey.MinLength })
            throw new ArgumentException(
                $"The passphrase must have at least {PassphraseMasterKey.MinLength} characters.", nameof(passphrase));
        (_storage, _place, _passphrase, _time) = (movable, place, passphrase, time ?? TimeProvider.System);
    }

    /// <summary>Backs up the store.</summary>
    /// <param name="isFull">True to write all events to a new set; false to continue the last set, if there is
    /// one.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the backup. The next one continues.</param>
    /// <exception cref="BackupException">The place contains the backup of another log.</exception>
    /// <exception cref="ObjectStorageException">The place failed.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<BackupReport> Run(
        bool isFull = false,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var started = _time.GetTimestamp();
        var writer = await BackupWriter
            .Open(_storage, null, _place, _passphrase, isFull, _time, cancellationToken)
            .ConfigureAwait(false);
        var from = writer.Position;
        var position = await writer.CopyTables(cancellationToken).ConfigureAwait(false);
        while (await writer.WritePart(position, cancellationToken).ConfigureAwait(false))
            progress?.Report(new MaintenanceProgress(writer.Position, position, "events"));
        await writer.Merge(cancellationToken).ConfigureAwait(false);
        return new BackupReport(
            writer.Contents.Id, from, writer.Position, _time.GetElapsedTime(started));
    }
}
