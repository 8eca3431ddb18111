using Microsoft.Extensions.DependencyInjection;
using Millrace.Projecting;

namespace Millrace.Business;

/// <summary>Reads the business figures of an application from its read models.</summary>
internal sealed class ReadModelKpiSource(IServiceProvider services, IReadOnlyList<KpiDefinition> definitions)
    : IKpiSource
{
    public Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<KpiInfo>>(
            [.. definitions.Select(static kpi => kpi.Info).OrderBy(static kpi => kpi.Name, StringComparer.Ordinal)]);

    public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) =>
        services.GetRequiredService<EventStore>().GetToken(cancellationToken);

    public async Task<KpiRange> GetRange(KpiInfo kpi, ReadAfter after, CancellationToken cancellationToken)
    {
        var first = await Edges(kpi, after, isLast: false, cancellationToken).ConfigureAwait(false);
        // The first read has waited.
        var last = await Edges(kpi, after with { Wait = TimeSpan.Zero }, isLast: true, cancellationToken)
            .ConfigureAwait(false);
        return new KpiRange(
            StartsOf(first).Min(),
            StartsOf(last).Max(),
            first.Concat(last).Aggregate(Freshness.Fresh, static (all, page) => all.CombineWith(page.Freshness)));
    }

    public async Task<KpiBuckets> GetMany(
        KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        var found = await ModelOf(kpi).GetMany(keys, after, cancellationToken).ConfigureAwait(false);
        return new KpiBuckets([.. found.Value!.Values], found.Freshness); // The value is never null.
    }

    /// <summary>Returns the first or last document of each shard, or of the only store.</summary>
    private async Task<IReadOnlyList<ReadPage<KpiBucket>>> Edges(
        KpiInfo kpi, ReadAfter after, bool isLast, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Limit = 1, IsDescending = isLast };
        // A query of the whole model would read and combine all documents of all shards.
        return ModelOf(kpi) is ShardedReadModel<string, KpiBucket> sharded
            ? await sharded.QueryParts(query, after, cancellationToken).ConfigureAwait(false)
            : [await ModelOf(kpi).Query(query, after, cancellationToken).ConfigureAwait(false)];
    }

    private static IEnumerable<DateTimeOffset?> StartsOf(IReadOnlyList<ReadPage<KpiBucket>> edges) =>
        edges.SelectMany(static page => page.Items).Select(static bucket => (DateTimeOffset?)bucket.Start);

    private IReadModel<string, KpiBucket> ModelOf(KpiInfo kpi) =>
        services.GetRequiredKeyedService<IReadModel<string, KpiBucket>>(kpi.Projection);
}
