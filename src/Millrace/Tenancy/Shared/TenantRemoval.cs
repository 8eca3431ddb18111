namespace Millrace.Tenancy.Shared;

/// <summary>
/// Removes a tenant from a shared log. The log always keeps the last event of a stream. The class therefore appends a
/// final event without data to each stream and closes it. Then it removes all other events and records their removal.
/// No position or version is used twice.
/// </summary>
/// <param name="store">The store that tenants share.</param>
/// <param name="prefix">The prefix of the tenant's stored names.</param>
/// <param name="reason">The reason, for the records of the removals.</param>
internal sealed class TenantRemoval(EventStore store, string prefix, string reason)
{
    /// <summary>The type of the final event of each stream.</summary>
    public const string LastEvent = "tenant.removed";

    private const int StreamsAtOnce = 64; // The number of streams in one commit.

    /// <summary>Removes all data. After an interruption, call it again.</summary>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var parallelOptions = new ParallelOptions
        {
            MaxDegreeOfParallelism = StreamsAtOnce,
            CancellationToken = cancellationToken,
        };
        var openStreams = 1;
        while (openStreams > 0) // Repeats until a pass finds no open stream, because nodes may still use the tenant.
        {
            openStreams = 0;
            var open = store
                .ListStreams(prefix, cancellationToken)
                .Where(static stream => stream.State != StreamState.Closed);
            await Parallel
                .ForEachAsync(
                    open,
                    parallelOptions,
                    async (stream, cancel) =>
                    {
                        await Close(stream.Stream, cancel).ConfigureAwait(false);
                        Interlocked.Increment(ref openStreams);
                    }
                )
                .ConfigureAwait(false);
        }
        await store.Storage.Maintenance.RemoveByPrefix(prefix, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Close(StreamId stream, CancellationToken cancellationToken)
    {
        try
        {
            await store
                .Append(
                    stream,
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes(LastEvent, "{}"u8.ToArray())],
                    cancellationToken)
                .ConfigureAwait(false);
            await store
                .Tombstone(stream, ExpectedVersion.Any, reason, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StreamDeletedException closed) when (closed.IsClosed)
        {
            // Another node that also removes the tenant has closed the stream.
        }
    }
}
