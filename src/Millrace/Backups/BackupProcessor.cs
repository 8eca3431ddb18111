using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Backs up the store continuously. The lease of the consumer makes one node do it. The objects in the place and not
/// the checkpoint determine what is backed up, so that a failure of the place delays only the backup.
/// </summary>
internal sealed partial class BackupProcessor(
    EventStore store, BackupOptions options, ContinuousBackup backups, ILogger logger)
    : ConsumerProcessor, IAsyncDisposable
{
    /// <summary>The name of the consumer.</summary>
    public const string ConsumerName = "backup";

    private const int MaxPauseSeconds = 300;
    private const int MaxCopiesPerInterval = 24;

    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaintenancePause = TimeSpan.FromMinutes(10);

    private readonly BackupMonitor _monitor = new(store, options);
    private LimitedObjectStorage? _place;
    private BackupWriter? _writer;
    private BackupPlace? _known; // Of the last writer.
    private DateTimeOffset _due;
    private DateTimeOffset _nextCopy;
    private DateTimeOffset _nextCleanup;
    private DateTimeOffset _nextMaintenance;
    private DateTimeOffset _nextTry; // Of a table copy that failed.
    private DateTimeOffset _nextCleaning; // After a failure of the background cleanup.
    private string? _notedProblem; // Of an object that could not be cleaned.
    private BackgroundCopy? _copy;
    private BackgroundCleanup? _cleanup;
    private int _failedCopies;
    private bool _wantsCopy; // Rows were removed outside the log, which the last table copy contains.
    private DateTimeOffset _nextWantedCopy;

    public override string Name => ConsumerName;

    public override EventFilter Filter => EventFilter.All;

    public override bool BeginsAtEnd => true;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override DateTimeOffset? NextDue => _copy is { IsDone: true } ? store.Time.GetUtcNow() : _due;

    public override bool MustStayOpen => _monitor.IsBeginning;

    /// <summary>Returns whether events or changes are not backed up, unless the backup is refused.</summary>
    public override async ValueTask<bool> HasUnsaved(CancellationToken cancellationToken)
    {
        if (_monitor.HasUnsaved is { } known)
            return known;
        if (FindCurrent(store.Stored.Primary) is not { Changes: var changes })
            return false;
        // Without a note, nothing is recorded, or changes are missing and the tables are copied again.
        return await changes.FindLastPart(cancellationToken).ConfigureAwait(false) is not null
            && await changes.Read(0, 1, cancellationToken).ConfigureAwait(false) is { Count: > 0 };
    }

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _writer = null; // A failed writer is opened again, and finds in the place what was written.
        // The options require the place.
        _place ??= new LimitedObjectStorage(options.Place!, options.PlaceTimeout, store.Time, CountBytes);
        if (backups.Add(_monitor))
            _monitor.Start();
        _due = store.Time.GetUtcNow();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken)
    {
        try
        {
            var hasMore = await Run(wake, cancellationToken).ConfigureAwait(false);
            var now = store.Time.GetUtcNow();
            _due = hasMore ? now : now + options.Interval;
            return hasMore;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _monitor.Failed(exception);
            backups.CountFailure(_monitor.Store, exception);
            if (exception is ObjectStorageException failure)
                throw new ObjectStorageException(_monitor.Describe(failure), failure.Problem, failure);
            throw;
        }
    }

    /// <summary>A table copy that is not complete is written again under the next lease.</summary>
    public override ValueTask End()
    {
        backups.Remove(_monitor);
        return DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopCopy().ConfigureAwait(false);
        if (_cleanup is { } cleanup)
            await cleanup.DisposeAsync().ConfigureAwait(false);
        _cleanup = null;
    }

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        _wantsCopy |= events.Any(RemovalEvents.Contains);
        return ValueTask.CompletedTask;
    }

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    private async Task<bool> Run(Action wake, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        await EndCopy(now, cancellationToken).ConfigureAwait(false);
        if (_writer is { } open && open.Storage != CurrentOf(store.Stored.Primary))
            await Close().ConfigureAwait(false); // The store was moved.
        try
        {
            var writer = _writer ??= await Open(now, cancellationToken).ConfigureAwait(false);
            if (_copy is null && now >= _nextTry && IsCopyDue(writer, now))
            {
                var copy = await writer.StartCopy(cancellationToken).ConfigureAwait(false);
                _copy = new BackgroundCopy(copy, wake);
                if (_wantsCopy)
                    (_wantsCopy, _nextWantedCopy) = (false, now + (options.CopyIntervalAt(now) / MaxCopiesPerInterval));
            }
            var hasMore = await writer.WritePart(long.MaxValue, cancellationToken).ConfigureAwait(false);
            _wantsCopy |= writer.HasTenantChange;
            // An object that is being cleaned must not be joined.
            if (_cleanup is not { IsBusy: true } && now >= _nextMaintenance
                && (now >= _nextCleanup || writer.HasManyParts))
                await Maintain(writer, now, cancellationToken).ConfigureAwait(false);
            if (now >= _nextCleaning)
                await Clean(writer, wake, now, cancellationToken).ConfigureAwait(false);
            if (writer.IsReplaced)
                await Close().ConfigureAwait(false);
            var contents = writer.Contents;
            _monitor.Wrote(
                contents.Id.Store, writer.Position, contents.RestorablePosition, hasMore, isCopying: _copy is not null);
            return hasMore;
        }
        catch
        {
            _writer = null;
            throw;
        }
    }

    private bool IsCopyDue(BackupWriter writer, DateTimeOffset now) =>
        writer.NeedsCopy
        || now >= _nextCopy
        || (_wantsCopy && now >= _nextWantedCopy);

    private async Task StopCopy()
    {
        if (_copy is { } copy)
            await copy.DisposeAsync().ConfigureAwait(false);
        _copy = null;
    }

    /// <summary>Closes the writer, and stops a table copy, which would complete the former set.</summary>
    private async Task Close()
    {
        await DisposeAsync().ConfigureAwait(false);
        _writer = null;
    }

    /// <summary>Joins parts and removes old objects. A failure does not delay the next part.</summary>
    private async Task Maintain(BackupWriter writer, DateTimeOffset now, CancellationToken cancellationToken)
    {
        _nextMaintenance = now + MaintenanceInterval;
        try
        {
            await writer.Merge(cancellationToken).ConfigureAwait(false);
            if (now >= _nextCleanup)
            {
                await writer
                    .RemoveOld(now - options.Retention, options.EndOfCopyInterval, cancellationToken)
                    .ConfigureAwait(false);
                _nextCleanup = now + CleanupInterval;
            }
            if (writer.Cleaner.Problem is null)
                _monitor.Maintained();
        }
        catch (Exception exception) when (exception is ObjectStorageException or BackupException)
        {
            _nextMaintenance = now + MaintenancePause;
            NoteNotMaintained(exception);
        }
    }

    /// <summary>Continues to clean the log in the background. A failure does not delay the next part.</summary>
    private async Task Clean(
        BackupWriter writer, Action wake, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            _cleanup ??= new BackgroundCleanup();
            await _cleanup.Continue(writer.Cleaner, writer.Contents, wake, cancellationToken).ConfigureAwait(false);
            if (writer.Cleaner.Problem is { } problem && problem != _notedProblem)
                NoteNotMaintained(new BackupException(_notedProblem = problem));
        }
        catch (Exception exception) when (exception is ObjectStorageException or BackupException)
        {
            _nextCleaning = now + MaintenancePause;
            NoteNotMaintained(exception);
        }
    }

    private void NoteNotMaintained(Exception exception)
    {
        _monitor.MaintenanceFailed(exception);
        backups.CountFailure(_monitor.Store, exception);
        Log.NotMaintained(logger, exception.Message);
    }

    /// <summary>Adds the table copy if it is complete. A failed one is tried again after a pause.</summary>
    private async Task EndCopy(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_copy is not { IsDone: true } copy || _writer is null)
            return;
        _copy = null;
        await using var _ = copy.ConfigureAwait(false);
        try
        {
            await _writer.Add(await copy.End().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            (_nextCopy, _failedCopies) = (options.NextCopyAfter(now), 0);
            _monitor.TablesCopied();
            Log.TablesCopied(logger, copy.Position);
        }
        catch (Exception exception)
        {
            _monitor.CopyFailed(exception);
            (_wantsCopy, _nextWantedCopy) = (true, now);
            _nextTry = now + TimeSpan.FromSeconds(Math.Min(MaxPauseSeconds, Math.Pow(2, _failedCopies++)));
            throw;
        }
    }

    private async Task<BackupWriter> Open(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var storage = CurrentOf(store.Stored.Primary);
        var writer = await BackupWriter
            .Open(
                storage,
                storage.Changes,
                _place!,
                options.Passphrase,
                new BackupStart
                {
                    ContinuedEpoch = options.ContinuedEpoch,
                    MaxChangeBytes = options.MaxChangeBytes,
                },
                store.Time,
                cancellationToken,
                _known)
            .ConfigureAwait(false); // Start sets the place.
        _known = writer.Place;
        // A running copy began before the changes that are missing, or would complete a former set.
        if (writer.FollowsGap || _copy?.Set != writer.Contents.Id)
            await StopCopy().ConfigureAwait(false);
        var removals = await store.Stored.Storage.Log
            .ReadLog(
                new LogPageQuery(RemovalEvents.Filter, writer.LastCopyPosition + 1, IsBackwards: false, 1),
                cancellationToken)
            .ConfigureAwait(false);
        _wantsCopy |= removals.Events.Count > 0;
        _nextCopy = writer.LastCopyAt is { } last ? options.NextCopyAfter(last) : now;
        Log.Started(logger, _place!.Description, writer.Position);
        return writer;
    }

    private void CountBytes(long bytes) => backups.CountBytes(_monitor.Store, bytes);

    private static IBackupStorage? FindCurrent(IStorage storage)
    {
        var inner = ArchivedStorage.InnerOf(storage);
        return (inner is MoveAwareStorage moved ? moved.Current : inner) as IBackupStorage;
    }

    private static IBackupStorage CurrentOf(IStorage storage) =>
        FindCurrent(storage) ?? throw new BackupException(
            $"{storage.Description} cannot be backed up. Use SQLite or PostgreSQL, or remove UseBackup.");

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 18001, Level = LogLevel.Information,
            Message = "Backs up the store to {Place}, after position {Position}.")]
        public static partial void Started(ILogger logger, string place, long position);

        [LoggerMessage(
            EventId = 18002, Level = LogLevel.Information,
            Message = "Backed up all tables as of position {Position}.")]
        public static partial void TablesCopied(ILogger logger, long position);

        [LoggerMessage(
            EventId = 18003, Level = LogLevel.Warning,
            Message = "Objects of the backup were not joined, or old ones not removed: {Error}")]
        public static partial void NotMaintained(ILogger logger, string error);
    }
}
