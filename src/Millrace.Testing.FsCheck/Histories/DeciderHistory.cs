namespace Millrace.Testing;

/// <summary>
/// What can happen to a decider's stream: commands, what came of each, and the state after them. Made by the real
/// decider, so that no history is here that could not be in a store.
/// </summary>
public sealed class DeciderHistory<TState>
    where TState : notnull
{
    internal DeciderHistory(HistoryOutcome<TState> outcome) => Outcome = outcome;

    /// <summary>The commands in order, with what came of them.</summary>
    public IReadOnlyList<HistoryStep> Steps => Outcome.Steps;

    /// <summary>All events in order, as they are read back: those given, and those decided on.</summary>
    public IReadOnlyList<object> Events => Outcome.Events;

    /// <summary>The state after them.</summary>
    public TState State => Outcome.Last;

    internal HistoryOutcome<TState> Outcome { get; }

    /// <summary>The commands with what came of them, a line for each.</summary>
    public override string ToString() => Outcome.ToString();
}
