namespace Millrace;

/// <summary>What a read model answered.</summary>
/// <param name="Value">The answer; null when there is no such document.</param>
/// <param name="Freshness">Whether it reflects the token asked with; without one, whether it reflects the whole log as
/// far as this node knows it.</param>
public readonly record struct ReadResult<T>(T? Value, Freshness Freshness) : IFreshAnswer
{
    /// <summary>Whether it is fresh.</summary>
    public bool IsFresh => Freshness.IsFresh;

    object? IFreshAnswer.Answer => Value;
}
