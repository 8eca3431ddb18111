using System.Runtime.CompilerServices;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>The data of a tenant in one of the two shards of a move, as it is stored.</summary>
internal sealed class TenantPart(EventStore store, TenantId tenant, int generation)
{
    public EventStore Store { get; } = store;

    public int Generation { get; } = generation;

    /// <summary>Gets the storage without decryption, archives and caches.</summary>
    public IStorage Storage => Store.Stored.Inner;

    public TenantNames Names { get; } = new(tenant, generation);

    /// <summary>Gets the stream of the tenant's fence.</summary>
    public StreamId Fence { get; } = TenantFences.StreamOf(tenant, generation);

    /// <summary>Gets the filter of the tenant's events.</summary>
    public EventFilter Events => EventFilter.InStreams(Names.Prefix);

    /// <summary>Gets the sessions that read the rows of tables; null if the storage cannot be moved.</summary>
    public IMoveEndpoint? Rows => (Storage as IMovableStorage)?.Moves;

    /// <summary>Lists the tenant's streams, with the tenant's names.</summary>
    public async IAsyncEnumerable<StreamInfo> ListStreams(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int PageStreams = 1_000;
        string? after = null;
        while (true)
        {
            var page = await Storage.Log.ListStreams(Names.Prefix, after, PageStreams, cancellationToken)
                .ConfigureAwait(false);
            foreach (var info in page)
                yield return info with { Stream = Names.ToTenant(info.Stream) };
            if (page.Count < PageStreams)
                yield break;
            after = page[^1].Stream.Value;
        }
    }
}
