namespace Millrace;

/// <summary>What the rows of a materialized view reflect.</summary>
public readonly record struct ViewFreshness
{
    /// <summary>Gets the token of the position that the rows reflect at least.</summary>
    public ConsistencyToken Reflects { get; init; }

    /// <summary>
    /// Gets whether the rows reflect the position of the requested token. Without a token, states whether they reflect
    /// all events that this node knows.
    /// </summary>
    public Freshness Freshness { get; init; }

    /// <summary>Gets the time at which the refresh of the rows started, by the clock of the storage.</summary>
    public DateTimeOffset RefreshedAt { get; init; }

    /// <summary>Gets the time since the refresh of the rows started.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>
    /// Gets why the read returned these rows although a refresh was due: the error of the last refresh, or that it
    /// takes longer than the read may wait. Null otherwise.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>Gets whether the rows are fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;
}
