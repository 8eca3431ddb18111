namespace Millrace.Testing;

/// <summary>
/// What can happen to an aggregate: commands, what came of each, and the aggregate after them. Made by the real aggregate, so that no
/// history is here that could not be in a store.
/// </summary>
public sealed class AggregateHistory<TAggregate>
    where TAggregate : Aggregate
{
    internal AggregateHistory(
        IReadOnlyList<HistoryCommand<TAggregate>> commands,
        IReadOnlyList<object> events,
        IReadOnlyList<HistoryStep> steps,
        TAggregate aggregate,
        FailureText? problem) =>
        (Commands, Events, Steps, Aggregate, Problem) = (commands, events, steps, aggregate, problem);

    /// <summary>The commands in order, with what came of them.</summary>
    public IReadOnlyList<HistoryStep> Steps { get; }

    /// <summary>All events in order, as they are read back: those given, and those raised.</summary>
    public IReadOnlyList<object> Events { get; }

    /// <summary>The aggregate after them.</summary>
    public TAggregate Aggregate { get; }

    internal IReadOnlyList<HistoryCommand<TAggregate>> Commands { get; }

    /// <summary>The first rule that did not hold; null when all did.</summary>
    internal FailureText? Problem { get; }

    /// <summary>The commands with what came of them, a line for each.</summary>
    public override string ToString() => string.Join("\n", HistoryText.Lines(Steps, new RoundTrip(typeof(TAggregate).Assembly)));
}
