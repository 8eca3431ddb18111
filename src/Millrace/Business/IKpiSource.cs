namespace Millrace.Business;

/// <summary>Reads the stored buckets of business figures.</summary>
internal interface IKpiSource
{
    /// <summary>Returns the figures, ordered by name.</summary>
    Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken);

    /// <summary>Returns the existing buckets with the keys.</summary>
    Task<(IReadOnlyList<KpiBucket> Buckets, Freshness Freshness)> GetMany(
        KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken);
}
