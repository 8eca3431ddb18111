namespace Millrace;

/// <summary>
/// Takes a tenant out of a log that others share. The last event of a stream never leaves the log, so each stream gets
/// one that says nothing but that, and is closed: all that the tenant wrote is gone, by record, and no position or
/// version is given twice.
/// </summary>
internal sealed class TenantRemoval(EventStore store, TenantId tenant)
{
    /// <summary>The type of the event with which each stream ends.</summary>
    public const string LastEvent = "tenant.removed";

    private const int StreamsAtOnce = 64; // Committed together.

    private readonly string _reason = $"the tenant {tenant} was removed";

    /// <summary>Removes all; what was interrupted is ended by doing it again.</summary>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var names = new TenantNames(tenant);
        var how = new ParallelOptions { MaxDegreeOfParallelism = StreamsAtOnce, CancellationToken = cancellationToken };
        var left = 1;
        while (left > 0) // Until a pass finds no open stream: somebody may still have been in the tenant.
        {
            left = 0;
            var open = store
                .ListStreams(names.Prefix, cancellationToken)
                .Where(static stream => stream.State != StreamState.Closed);
            await Parallel
                .ForEachAsync(
                    open,
                    how,
                    async (stream, cancel) =>
                    {
                        await Close(stream.Stream, cancel).ConfigureAwait(false);
                        Interlocked.Increment(ref left);
                    }
                )
                .ConfigureAwait(false);
        }
        await store.Storage.Maintenance.Forget(names.Prefix, cancellationToken).ConfigureAwait(false);
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
                .Tombstone(stream, ExpectedVersion.Any, _reason, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StreamDeletedException closed) when (closed.IsClosed)
        {
            // By another node that removes the tenant as well.
        }
    }
}
