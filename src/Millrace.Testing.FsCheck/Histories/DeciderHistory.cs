namespace Millrace.Testing;

/// <summary>
/// A possible history of a decider's stream: commands, the result of each, and the final state. The real decider
/// creates it, so that it contains only events that a store could contain.
/// </summary>
public sealed class DeciderHistory<TState>
    where TState : notnull
{
    internal DeciderHistory(HistoryOutcome<TState> outcome) => Outcome = outcome;

    /// <summary>Gets the commands in order, with their results.</summary>
    public IReadOnlyList<HistoryStep> Steps => Outcome.Steps;

    /// <summary>Gets the given and decided events in order, as they are read back.</summary>
    public IReadOnlyList<object> Events => Outcome.Events;

    /// <summary>Gets the final state.</summary>
    public TState State => Outcome.Last;

    internal HistoryOutcome<TState> Outcome { get; }

    /// <summary>Returns the commands with their results, one per line.</summary>
    public override string ToString() => Outcome.ToString();
}
