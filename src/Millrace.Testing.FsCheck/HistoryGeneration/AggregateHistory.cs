using Millrace.Testing.HistoryGeneration;

namespace Millrace.Testing;

/// <summary>
/// A generated history of an aggregate, with the commands, their results and the final aggregate. The aggregate's own
/// code raises the events, so that the history contains only possible events.
/// </summary>
public sealed class AggregateHistory<TAggregate>
    where TAggregate : Aggregate
{
    internal AggregateHistory(HistoryOutcome<TAggregate> outcome) => Outcome = outcome;

    /// <summary>Gets the commands in order, with their results.</summary>
    public IReadOnlyList<HistoryStep> Steps => Outcome.Steps;

    /// <summary>Gets the given and raised events in order, as they were read from their stored form.</summary>
    public IReadOnlyList<object> Events => Outcome.Events;

    /// <summary>Gets the final aggregate.</summary>
    public TAggregate Aggregate => Outcome.Last;

    internal HistoryOutcome<TAggregate> Outcome { get; }

    /// <summary>Returns the commands with their results, one per line.</summary>
    public override string ToString() => Outcome.ToString();
}
