using Millrace.Cli.Output;

namespace Millrace.Cli.Models.Boundaries;

/// <summary>The boundaries of a model and the dependencies across them.</summary>
/// <param name="Contexts">The contexts, by name.</param>
/// <param name="Aggregates">The aggregates, by name.</param>
/// <param name="Findings">The dependencies across boundaries; the strong ones are first.</param>
internal sealed record BoundaryReport(
    IReadOnlyList<ContextBoundary> Contexts,
    IReadOnlyList<AggregateBoundary> Aggregates,
    IReadOnlyList<Dependency> Findings);

/// <summary>A context with its parts.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Responsibilities">The responsibilities of its aggregates.</param>
/// <param name="Aggregates">The names of its aggregates.</param>
/// <param name="Commands">The commands that it handles.</param>
/// <param name="Events">The events that it writes.</param>
/// <param name="Queries">The queries that it handles.</param>
/// <param name="ReadModels">Its read models.</param>
/// <param name="Uses">The contexts that it uses, and how.</param>
/// <param name="UsedBy">The contexts that use it.</param>
internal sealed record ContextBoundary(
    string Name,
    IReadOnlyList<string> Responsibilities,
    IReadOnlyList<string> Aggregates,
    IReadOnlyList<string> Commands,
    IReadOnlyList<string> Events,
    IReadOnlyList<string> Queries,
    IReadOnlyList<string> ReadModels,
    IReadOnlyList<ContextUse> Uses,
    IReadOnlyList<string> UsedBy);

/// <summary>The use of one context by another.</summary>
/// <param name="Context">The context that is used.</param>
/// <param name="InTransaction">The commands that load or change its aggregates in their transaction.</param>
/// <param name="AfterTransaction">The read models and consumers that follow its events.</param>
internal sealed record ContextUse(
    string Context, IReadOnlyList<string> InTransaction, IReadOnlyList<string> AfterTransaction);

/// <summary>An aggregate with its dependencies.</summary>
/// <param name="Aggregate">The aggregate.</param>
/// <param name="Commands">The commands that change it.</param>
/// <param name="Consistency">Sentences that describe the transactional guarantees.</param>
/// <param name="ReadModels">The read models that show its events.</param>
/// <param name="Consumers">The consumers that react to its events.</param>
/// <param name="ReferredBy">The aggregates that hold its id.</param>
/// <param name="RefersTo">The aggregates whose ids it holds.</param>
/// <param name="Findings">The dependencies that involve it, strong or not.</param>
internal sealed record AggregateBoundary(
    AggregateDescription Aggregate,
    IReadOnlyList<string> Commands,
    IReadOnlyList<string> Consistency,
    IReadOnlyList<string> ReadModels,
    IReadOnlyList<string> Consumers,
    IReadOnlyList<string> ReferredBy,
    IReadOnlyList<string> RefersTo,
    IReadOnlyList<Dependency> Findings)
{
    /// <summary>The size of the aggregate.</summary>
    public AggregateSize Size { get; } = new(
        Aggregate.State.Count, Aggregate.Methods.Count, Aggregate.Writes.Count, Aggregate.Rules.Count);
}

/// <summary>The size of an aggregate.</summary>
/// <param name="Members">The number of members of its state.</param>
/// <param name="Methods">The number of methods.</param>
/// <param name="Events">The number of event types that it writes.</param>
/// <param name="Rules">The number of rules that it enforces.</param>
internal readonly record struct AggregateSize(int Members, int Methods, int Events, int Rules)
{
    public override string ToString() =>
        $"{Counted.Of(Members, "member")}, {Counted.Of(Methods, "method")}, {Counted.Of(Events, "event")}, "
            + $"{Counted.Of(Rules, "rule")}";
}

/// <summary>A dependency across a boundary.</summary>
/// <param name="Kind">Its name, in kebab case.</param>
/// <param name="IsStrong">True when two parts cannot change, fail or be deployed independently.</param>
/// <param name="Parts">The dependent parts.</param>
/// <param name="Description">A description of the dependency.</param>
/// <param name="Recommendation">The recommended alternative, or a description of when the dependency is right.</param>
internal sealed record Dependency(
    string Kind, bool IsStrong, IReadOnlyList<string> Parts, string Description, string Recommendation);
