namespace Millrace.Business;

/// <summary>Reads the stored hours of business figures.</summary>
internal interface IKpiSource
{
    /// <summary>Returns the figures without their first and last hour, ordered by name.</summary>
    Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken);

    /// <summary>Returns a token of all events that are stored; none if reads need no token.</summary>
    ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken);

    /// <summary>Returns the first and last hour with a value in any shard; null if there are none.</summary>
    Task<KpiRange> GetRange(KpiInfo kpi, ReadAfter after, CancellationToken cancellationToken);

    /// <summary>Returns the existing buckets with the keys.</summary>
    Task<KpiBuckets> GetMany(
        KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken);
}

/// <summary>The first and last hour with a value.</summary>
/// <param name="First">The start of the first hour; null if there is none.</param>
/// <param name="Last">The start of the last hour; null if there is none.</param>
/// <param name="Freshness">Whether the hours contain all events of the requested position.</param>
internal readonly record struct KpiRange(DateTimeOffset? First, DateTimeOffset? Last, Freshness Freshness);

/// <summary>Buckets that were read.</summary>
internal readonly record struct KpiBuckets(IReadOnlyCollection<KpiBucket> Buckets, Freshness Freshness);
