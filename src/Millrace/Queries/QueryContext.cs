namespace Millrace;

/// <summary>What a query is asked with: services, the token that its answer must reach, and how long it may wait for
/// that.</summary>
public sealed class QueryContext
{
    private Freshness _freshness;

    /// <summary>Makes a context.</summary>
    /// <param name="services">The services of the scope it is asked in.</param>
    /// <param name="after">What the answer must reflect; none by default.</param>
    /// <param name="wait">How long it may wait for that.</param>
    public QueryContext(IServiceProvider services, ConsistencyToken after, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(services);
        (Services, After, Wait) = (services, after, wait);
    }

    /// <summary>The services of the scope it is asked in.</summary>
    public IServiceProvider Services { get; }

    /// <summary>What the answer must reflect; none by default.</summary>
    public ConsistencyToken After { get; }

    /// <summary>How long it may wait for that.</summary>
    public TimeSpan Wait { get; }

    /// <summary>How fresh the answer is, as far as the read models said; the stalest counts.</summary>
    public Freshness Freshness => _freshness;

    /// <summary>Notes how fresh a part of the answer is.</summary>
    public void Note(Freshness freshness) => _freshness = _freshness.And(freshness);
}
