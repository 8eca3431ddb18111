namespace Millrace.Testing;

/// <summary>
/// A possible history of an aggregate: commands, the result of each, and the final aggregate. The real aggregate
/// creates it, so that it contains only events that a store could contain.
/// </summary>
public sealed class AggregateHistory<TAggregate>
    where TAggregate : Aggregate
{
    internal AggregateHistory(HistoryOutcome<TAggregate> outcome) => Outcome = outcome;

    /// <summary>Gets the commands in order, with their results.</summary>
    public IReadOnlyList<HistoryStep> Steps => Outcome.Steps;

    /// <summary>Gets the given and raised events in order, as they are read back.</summary>
    public IReadOnlyList<object> Events => Outcome.Events;

    /// <summary>Gets the final aggregate.</summary>
    public TAggregate Aggregate => Outcome.Last;

    internal HistoryOutcome<TAggregate> Outcome { get; }

    /// <summary>Returns the commands with their results, one per line.</summary>
    public override string ToString() => Outcome.ToString();
}
