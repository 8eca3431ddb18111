namespace Millrace.Queries;

/// <summary>How the answers to a query are cached.</summary>
internal abstract class CachedQueryOptions
{
    public TimeSpan Expiry { get; set; } = TimeSpan.FromMinutes(5);

    public bool IsPerUser { get; set; }

    public bool IsOnlyInProcess { get; set; }
}

/// <summary>How the answers to a query are cached.</summary>
internal sealed class CachedQueryOptions<TQuery> : CachedQueryOptions
{
    public List<Func<TQuery, string>> Tags { get; } = [];
}
