namespace Millrace;

/// <summary>The result of a read.</summary>
/// <param name="Value">The value; null when the document does not exist.</param>
/// <param name="Freshness">Whether the value contains the position of the requested token; without a token, whether it
/// contains the whole log as far as this node knows it.</param>
public readonly record struct ReadResult<T>(T? Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>Gets whether the result is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;

    object? IFreshAnswer.Answer => Value;
}
