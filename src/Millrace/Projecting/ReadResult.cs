namespace Millrace;

/// <summary>The result of a read.</summary>
/// <param name="Value">The value; null if the document does not exist.</param>
/// <param name="Freshness">Whether the value reflects the position of the requested token. Without a token, whether it
/// reflects all events that this node knows.</param>
public readonly record struct ReadResult<T>(T? Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>Gets whether the result is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;

    object? IFreshAnswer.Answer => Value;
}
