namespace Millrace.Testing;

/// <summary>
/// What can happen to an aggregate: commands, what came of each, and the aggregate after them. Made by the real
/// aggregate, so that no history is here that could not be in a store.
/// </summary>
public sealed class AggregateHistory<TAggregate>
    where TAggregate : Aggregate
{
    internal AggregateHistory(HistoryOutcome<TAggregate> outcome) => Outcome = outcome;

    /// <summary>The commands in order, with what came of them.</summary>
    public IReadOnlyList<HistoryStep> Steps => Outcome.Steps;

    /// <summary>All events in order, as they are read back: those given, and those raised.</summary>
    public IReadOnlyList<object> Events => Outcome.Events;

    /// <summary>The aggregate after them.</summary>
    public TAggregate Aggregate => Outcome.Last;

    internal HistoryOutcome<TAggregate> Outcome { get; }

    /// <summary>The commands with what came of them, a line for each.</summary>
    public override string ToString() => Outcome.ToString();
}
