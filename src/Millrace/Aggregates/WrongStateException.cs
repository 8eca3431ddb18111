namespace Millrace;

/// <summary>
/// A rule of the domain does not allow what was asked in the state that the aggregate is in; in another it would.
/// Nothing was written.
/// </summary>
/// <remarks>Over HTTP it is 409, other broken rules are 422.</remarks>
/// <param name="aggregate">The type of the aggregate.</param>
/// <param name="invariant">The rule's name, in kebab case.</param>
/// <param name="state">The state that it is in.</param>
/// <param name="asked">What was asked of it, to follow "cannot": <c>be shipped</c>.</param>
public sealed class WrongStateException(string aggregate, string invariant, string state, string asked)
    : InvariantViolatedException(aggregate, invariant, $"{aggregate} is {state}, so it cannot {asked}.")
{
    /// <summary>The state that it is in.</summary>
    public string State { get; } = state;

    /// <summary>What was asked of it.</summary>
    public string Asked { get; } = asked;
}
