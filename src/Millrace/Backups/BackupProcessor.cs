using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
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

    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    private readonly BackupMonitor _monitor = new(store, options);
    private LimitedObjectStorage? _place;
    private BackupWriter? _writer;
    private DateTimeOffset _due;
    private DateTimeOffset _nextCopy;
    private DateTimeOffset _nextCleanup;
    private DateTimeOffset _nextTry; // Of a table copy that failed.
    private BackgroundCopy? _copy;
    private int _failedCopies;

    public override string Name => ConsumerName;

    public override EventFilter Filter => EventFilter.All;

    public override bool BeginsAtEnd => true;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override DateTimeOffset? NextDue => _due;

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
        if (_copy is { } copy)
            await copy.DisposeAsync().ConfigureAwait(false);
        _copy = null;
    }

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    private async Task<bool> Run(Action wake, CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        await EndCopy(now).ConfigureAwait(false);
        try
        {
            var writer = _writer ??= await Open(now, cancellationToken).ConfigureAwait(false);
            if (_copy is null && (writer.NeedsCopy || now >= _nextCopy) && now >= _nextTry)
                _copy = new BackgroundCopy(await writer.StartCopy(cancellationToken).ConfigureAwait(false), wake);
            var hasMore = await writer.WritePart(long.MaxValue, cancellationToken).ConfigureAwait(false);
            if (writer.HasManyParts || now >= _nextCleanup)
            {
                await writer.Merge(cancellationToken).ConfigureAwait(false);
                await writer.RemoveOld(now - options.Retention, cancellationToken).ConfigureAwait(false);
                _nextCleanup = now + CleanupInterval;
            }
            _monitor.Wrote(writer.Contents.Id.Store, writer.Position, hasMore);
            return hasMore;
        }
        catch
        {
            _writer = null;
            throw;
        }
    }

    /// <summary>Adds the table copy if it is complete. A failed one is tried again after a pause.</summary>
    private async Task EndCopy(DateTimeOffset now)
    {
        if (_copy is not { IsDone: true } copy || _writer is null)
            return;
        _copy = null;
        await using var _ = copy.ConfigureAwait(false);
        try
        {
            _writer.Add(await copy.End().ConfigureAwait(false));
            (_nextCopy, _failedCopies) = (now + options.TableCopyInterval, 0);
            _monitor.TablesCopied();
            Log.TablesCopied(logger, copy.Position);
        }
        catch (Exception exception)
        {
            _monitor.CopyFailed(exception);
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
                isFull: false,
                store.Time,
                cancellationToken)
            .ConfigureAwait(false); // Start sets the place.
        if (writer.FollowsGap)
            await DisposeAsync().ConfigureAwait(false); // It began before the changes that are missing.
        _nextCopy = writer.LastCopyAt is { } last ? last + options.TableCopyInterval : now;
        Log.Started(logger, _place!.Description, writer.Position);
        return writer;
    }

    private void CountBytes(long bytes) => backups.CountBytes(_monitor.Store, bytes);

    private static IBackupStorage CurrentOf(IStorage storage) =>
        (storage is MoveAwareStorage moved ? moved.Current : storage) as IBackupStorage
        ?? throw new BackupException(
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
    }
}
