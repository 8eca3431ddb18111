using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>Stores the first checkpoints of consumers that start at the end of the log.</summary>
internal static class FirstCheckpointWriter
{
    /// <summary>
    /// Stores the start positions of these consumers before any node takes their leases. Events that are appended from
    /// now on are therefore handled, whichever nodes fail. If the storage fails now, the checkpoint is stored before
    /// this node takes the lease.
    /// </summary>
    public static async Task Write(
        EventStore store, IReadOnlyList<Consumer> consumers, ILogger logger, CancellationToken cancellationToken)
    {
        var atEnd = consumers.Where(static consumer => consumer.Processor.BeginsAtEnd).ToList();
        if (atEnd.Count == 0)
            return;
        var end = store.Tail.Head.Position;
        try
        {
            end = (await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
            foreach (var consumer in atEnd)
                consumer.FirstCheckpoint ??= end;
            var stored = (await store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
                .ToLookup(static record => record.Consumer);
            foreach (var consumer in atEnd)
            {
                var records = stored[consumer.Name];
                if (records.Any() && !records.Any(static record => record.Checkpoint is null))
                    continue;
                await store
                    .Storage.Leases.StoreFirstCheckpoint(consumer.Name, end, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        catch (StorageException exception)
        {
            foreach (var consumer in atEnd)
                consumer.FirstCheckpoint ??= end;
            ConsumerLog.CannotLook(logger, exception);
        }
    }
}
