using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Caching;
using Millrace.Storage.Moves;

namespace Millrace.Backups;

/// <summary>
/// Backs up the store continuously. The lease of the consumer makes one node do it. The objects in the place and not
/// the checkpoint determine what is backed up, so that a failure of the place delays only the backup.
/// </summary>
internal sealed partial class BackupProcessor(EventStore store, BackupOptions options, ILogger logger)
    : ConsumerProcessor
{
    /// <summary>The name of the consumer.</summary>
    public const string ConsumerName = "backup";

    private static readonly TimeSpan CleanupInterval = TimeSpan.FromHours(1);

    private BackupWriter? _writer;
    private DateTimeOffset _due;
    private DateTimeOffset _nextCopy;
    private DateTimeOffset _nextCleanup;

    public override string Name => ConsumerName;

    public override EventFilter Filter => EventFilter.All;

    public override bool BeginsAtEnd => true;

    public override bool HasEffects => false;

    public override bool IsPure => false;

    public override DateTimeOffset? NextDue => _due;

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _writer = null; // A failed writer is opened again, and finds in the place what was written.
        _due = store.Time.GetUtcNow();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask<bool> StartDue(Action wake, CancellationToken cancellationToken)
    {
        var hasMore = await Run(cancellationToken).ConfigureAwait(false);
        var now = store.Time.GetUtcNow();
        _due = hasMore ? now : now + options.Interval;
        return hasMore;
    }

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [recorded.Stream.Value];

    private async Task<bool> Run(CancellationToken cancellationToken)
    {
        var now = store.Time.GetUtcNow();
        try
        {
            var writer = _writer ??= await Open(now, cancellationToken).ConfigureAwait(false);
            if (writer.NeedsCopy || now >= _nextCopy)
            {
                var position = await writer.CopyTables(cancellationToken).ConfigureAwait(false);
                _nextCopy = now + options.TableCopyInterval;
                Log.TablesCopied(logger, position);
            }
            var hasMore = await writer.WritePart(long.MaxValue, cancellationToken).ConfigureAwait(false);
            if (writer.HasManyParts || now >= _nextCleanup)
            {
                await writer.Merge(cancellationToken).ConfigureAwait(false);
                await writer.RemoveOld(now - options.Retention, cancellationToken).ConfigureAwait(false);
                _nextCleanup = now + CleanupInterval;
            }
            return hasMore;
        }
        catch
        {
            _writer = null;
            throw;
        }
    }

    private async Task<BackupWriter> Open(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var storage = CurrentOf(store.Stored.Storage);
        var writer = await BackupWriter
            .Open(
                storage,
                storage.Changes,
                options.Place!,
                options.Passphrase,
                isFull: false,
                store.Time,
                cancellationToken)
            .ConfigureAwait(false); // The options require the place.
        _nextCopy = writer.LastCopyAt is { } last ? last + options.TableCopyInterval : now;
        Log.Started(logger, options.Place!.Description, writer.Position);
        return writer;
    }

    private static IBackupStorage CurrentOf(IStorage storage)
    {
        var primary = CachedStorage.PrimaryOf(storage);
        return (primary is MoveAwareStorage moved ? moved.Current : primary) as IBackupStorage
            ?? throw new BackupException(
                $"{storage.Description} cannot be backed up. Use SQLite or PostgreSQL, or remove UseBackup.");
    }

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
