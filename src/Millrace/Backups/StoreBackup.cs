using Millrace.Backups;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>
/// Backs up a store once, while applications use it. An incremental backup writes the events since the last one; both
/// kinds write the tables outside the log.
/// </summary>
public sealed class StoreBackup
{
    private const string RestoredLabel = "restored"; // No part has it.

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
        if (ArchivedStorage.InnerOf(storage) is not IMovableStorage movable)
            throw new ArgumentException(
                $"{storage.Description} cannot be backed up. Use SQLite or PostgreSQL.", nameof(storage));
        if (passphrase is { Length: < PassphraseMasterKey.MinLength })
            throw new ArgumentException(
                $"The passphrase must have at least {PassphraseMasterKey.MinLength} characters.", nameof(passphrase));
        (_storage, _place, _passphrase, _time) = (movable, place, passphrase, time ?? TimeProvider.System);
    }

    /// <summary>
    /// Makes a store one that was restored, so that it does not continue a backup unless requested. Call it when a
    /// copied file replaces a store, or becomes one beside it.
    /// </summary>
    /// <param name="storage">The storage of the store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageException">The store failed.</exception>
    public static async Task MarkRestored(IStorage storage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        if (ArchivedStorage.InnerOf(storage) is IBackupStorage { Changes: var changes }
            && await changes.FindLastPart(cancellationToken).ConfigureAwait(false) is not null)
            await changes.Remove([], RestoredLabel, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Backs up the store.</summary>
    /// <param name="isFull">True to write all events to a new set; false to continue the last set, if there is
    /// one.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the backup. The next one continues.</param>
    /// <exception cref="BackupException">The place contains the backup of another log, or of the store from which
    /// this one was restored.</exception>
    /// <exception cref="ObjectStorageException">The place failed.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public Task<BackupReport> Run(
        bool isFull = false,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Run(new StoreBackupOptions { IsFull = isFull }, progress, cancellationToken);

    /// <summary>Backs up the store.</summary>
    /// <param name="options">The options.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Stops the backup. The next one continues.</param>
    /// <exception cref="BackupException">The place contains the backup of another log, or of the store from which
    /// this one was restored.</exception>
    /// <exception cref="ObjectStorageException">The place failed.</exception>
    /// <exception cref="StorageException">The store failed.</exception>
    public async Task<BackupReport> Run(
        StoreBackupOptions options,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Retention < BackupOptions.MinRetention || options.Retention > BackupOptions.MaxRetention)
            throw new ArgumentException(
                $"The retention must be from 1 hour to 36500 days, but is {options.Retention}.", nameof(options));
        var started = _time.GetTimestamp();
        var start = new BackupStart { IsFull = options.IsFull, ContinuesRestored = options.ContinuesRestored };
        var writer = await BackupWriter
            .Open(_storage, null, _place, _passphrase, start, _time, cancellationToken)
            .ConfigureAwait(false);
        if (options.Retention is not null
            && await writer.IsBesideContinuous(cancellationToken).ConfigureAwait(false))
            throw new BackupException(
                $"The continuous backup of the store removes old backups from {_place.Description}, by Retention of "
                    + "UseBackup. Run this backup without a retention, or with another place.");
        var from = writer.Position;
        var position = await writer.CopyTables(cancellationToken).ConfigureAwait(false);
        while (await writer.WritePart(position, cancellationToken).ConfigureAwait(false))
            progress?.Report(new MaintenanceProgress(writer.Position, position, "events"));
        await writer.Merge(cancellationToken).ConfigureAwait(false);
        var keepsOld = options.Retention is { } retention
            && !await TryRemoveOld(writer, retention, cancellationToken).ConfigureAwait(false);
        return new BackupReport(writer.Contents.Id, from, writer.Position, _time.GetElapsedTime(started))
        {
            KeepsOld = keepsOld,
        };
    }

    /// <summary>Removes old objects. Returns false if the place refuses it.</summary>
    private async Task<bool> TryRemoveOld(
        BackupWriter writer, TimeSpan retention, CancellationToken cancellationToken)
    {
        try
        {
            await RemoveOld(writer, retention, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ObjectStorageException refused) when (refused.Problem == ObjectStorageProblem.Denied)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns the end of the day of a time. Of old copies of the tables, the last one of each day remains.
    /// </summary>
    internal static DateTimeOffset EndOfDay(DateTimeOffset time) =>
        new(time.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    private async Task RemoveOld(BackupWriter writer, TimeSpan retention, CancellationToken cancellationToken)
    {
        await writer
            .RemoveOld(_time.GetUtcNow() - retention, EndOfDay, cancellationToken)
            .ConfigureAwait(false);
        while (writer.Cleaner.FindNext(writer.Contents) is { } part)
            await writer.Cleaner.Clean(part, cancellationToken).ConfigureAwait(false);
        await writer.Cleaner.End(writer.Contents, cancellationToken).ConfigureAwait(false);
        if (writer.Cleaner.Problem is { } problem)
            throw new BackupException(
                $"The backup is complete, but removed events remain in an object: {problem}");
    }
}
