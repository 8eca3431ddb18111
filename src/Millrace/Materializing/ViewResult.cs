namespace Millrace;

/// <summary>The result of a read of a materialized view.</summary>
/// <param name="Value">The value; null if the row does not exist.</param>
/// <param name="State">What the rows reflect.</param>
public readonly record struct ViewResult<T>(T? Value, ViewFreshness State) : IFreshAnswer
{
    /// <summary>Gets the time since the refresh of the rows started.</summary>
    public TimeSpan Age => State.Age;

    /// <summary>Gets whether the rows reflect the requested position.</summary>
    public Freshness Freshness => State.Freshness;

    /// <summary>Gets the token of the position that the rows reflect at least.</summary>
    public ConsistencyToken Reflects => State.Reflects;

    object? IFreshAnswer.Answer => Value;
}
