namespace Commerce.SharedKernel;

/// <summary>What was asked is not possible in the state that the thing is in.</summary>
public sealed class WrongStateException(string aggregate, string invariant, string state, string asked)
    : InvariantViolatedException(aggregate, invariant, $"{aggregate} is {state}, so it cannot {asked}.")
{
    /// <summary>The state that it is in.</summary>
    public string State { get; } = state;

    /// <summary>What was asked of it.</summary>
    public string Asked { get; } = asked;
}
