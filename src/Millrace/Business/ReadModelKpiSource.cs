using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Business;

/// <summary>Reads the business figures of an application from its read models.</summary>
internal sealed class ReadModelKpiSource(
    IServiceProvider services, IReadOnlyList<KpiDefinition> definitions, bool hasShards) : IKpiSource
{
    public Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<KpiInfo>>(
            [.. definitions.Select(static kpi => kpi.Info).OrderBy(static kpi => kpi.Name, StringComparer.Ordinal)]);

    public async Task<KpiRange> GetRange(KpiInfo kpi, ReadAfter after, CancellationToken cancellationToken)
    {
        if (hasShards)
            return default; // A sorted page would read and combine all documents of all shards.
        var first = await Edge(kpi, after, isLast: false, cancellationToken).ConfigureAwait(false);
        var last = await Edge(kpi, after, isLast: true, cancellationToken).ConfigureAwait(false);
        return new KpiRange(IsKnown: true, first, last);
    }

    public async Task<KpiBuckets> GetMany(
        KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        var found = await ModelOf(kpi).GetMany(keys, after, cancellationToken).ConfigureAwait(false);
        return new KpiBuckets([.. found.Value!.Values], found.Freshness); // The value is never null.
    }

    private async Task<DateTimeOffset?> Edge(
        KpiInfo kpi, ReadAfter after, bool isLast, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Limit = 1, IsDescending = isLast };
        var page = await ModelOf(kpi).Query(query, after, cancellationToken).ConfigureAwait(false);
        return page.Items is [var bucket] ? bucket.Start : null;
    }

    private IReadModel<string, KpiBucket> ModelOf(KpiInfo kpi) =>
        services.GetRequiredKeyedService<IReadModel<string, KpiBucket>>(kpi.Projection);
}
