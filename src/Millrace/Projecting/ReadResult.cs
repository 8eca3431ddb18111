namespace Millrace;

/// <summary>The result of a read.</summary>
/// <param name="Value">The value, or null if the document does not exist.</param>
/// <param name="Freshness">States whether the value contains the position of the requested token. Without a token,
/// states whether it contains all events that this node knows.</param>
public readonly record struct ReadResult<T>(T? Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>Gets whether the result is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;

    /// <summary>
    /// Gets the token of the position that the value reflects at least; none if the position is unknown.
    /// </summary>
    internal ConsistencyToken Reflects { get; init; }

    /// <summary>Gets the collection that was read; null for a projection of streams, which has only one.</summary>
    internal string? Collection { get; init; }

    /// <summary>Gets the time at which a document expires and changes this result; null if none does.</summary>
    internal DateTimeOffset? ExpiresAt { get; init; }

    object? IFreshAnswer.Answer => Value;
}
