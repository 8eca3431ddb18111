namespace Millrace;

/// <summary>
/// Thrown when a rule of the domain does not allow a command in the current state of the aggregate, but would allow it
/// in another state. The command wrote nothing.
/// </summary>
/// <remarks>Over HTTP, the status is 409. For other broken rules, the status is 422.</remarks>
/// <param name="aggregate">The type of the aggregate.</param>
/// <param name="invariant">The name of the rule, in kebab case.</param>
/// <param name="state">The current state.</param>
/// <param name="requestedAction">The requested action, as the text after "cannot", such as <c>be shipped</c>.</param>
public sealed class WrongStateException(string aggregate, string invariant, string state, string requestedAction)
    : InvariantViolatedException(aggregate, invariant, $"{aggregate} is {state}, so it cannot {requestedAction}.")
{
    /// <summary>Gets the current state.</summary>
    public string State { get; } = state;

    /// <summary>Gets the requested action.</summary>
    public string RequestedAction { get; } = requestedAction;
}
