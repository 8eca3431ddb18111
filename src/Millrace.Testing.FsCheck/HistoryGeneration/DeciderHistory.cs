using Millrace.Testing.HistoryGeneration;

namespace Millrace.Testing;

/// <summary>
/// A generated history of a decider's stream, with the commands, their results and the final state. The decider's own
/// code decides the events, so that the history contains only possible events.
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
