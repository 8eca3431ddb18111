namespace Millrace.Cli.Models.Boundaries;

/// <summary>Where the boundaries of a model run, and what reaches across them.</summary>
/// <param name="Contexts">The contexts, by name.</param>
/// <param name="Aggregates">The aggregates, by name.</param>
/// <param name="Findings">What reaches across a boundary, the strongest first.</param>
internal sealed record BoundaryReport(
    IReadOnlyList<ContextBoundary> Contexts,
    IReadOnlyList<AggregateBoundary> Aggregates,
    IReadOnlyList<Dependency> Findings);

/// <summary>What belongs to a context.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Responsibilities">What its aggregates say that they are for.</param>
/// <param name="Aggregates">The names of its aggregates.</param>
/// <param name="Commands">The commands it takes.</param>
/// <param name="Events">The events it writes.</param>
/// <param name="Queries">The queries it answers.</param>
/// <param name="ReadModels">Its read models.</param>
/// <param name="Uses">The contexts it uses, each with by what.</param>
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

/// <summary>That a context uses another.</summary>
/// <param name="Context">The other context.</param>
/// <param name="Now">The commands that load or change its aggregates within their own transaction.</param>
/// <param name="Later">The read models and consumers that follow its events.</param>
internal sealed record ContextUse(string Context, IReadOnlyList<string> Now, IReadOnlyList<string> Later);

/// <summary>What an aggregate is and what is around it.</summary>
/// <param name="Of">The aggregate.</param>
/// <param name="Commands">The commands that change it.</param>
/// <param name="Consistency">What is consistent at once, in sentences.</param>
/// <param name="ReadModels">The read models that show its events.</param>
/// <param name="Consumers">The consumers that react to its events.</param>
/// <param name="ReferredBy">The aggregates that hold its id.</param>
/// <param name="RefersTo">The aggregates whose ids it holds.</param>
/// <param name="Findings">What makes it depend strongly on others, or others on it.</param>
internal sealed record AggregateBoundary(
    AggregateDescription Of,
    IReadOnlyList<string> Commands,
    IReadOnlyList<string> Consistency,
    IReadOnlyList<string> ReadModels,
    IReadOnlyList<string> Consumers,
    IReadOnlyList<string> ReferredBy,
    IReadOnlyList<string> RefersTo,
    IReadOnlyList<Dependency> Findings)
{
    /// <summary>How large it is.</summary>
    public AggregateSize Size { get; } = new(Of.State.Count, Of.Methods.Count, Of.Writes.Count, Of.Rules.Count);
}

/// <summary>How large an aggregate is.</summary>
/// <param name="State">How many members it remembers.</param>
/// <param name="Methods">How many things it can be asked.</param>
/// <param name="Events">How many kinds of events it writes.</param>
/// <param name="Rules">By how many rules it refuses.</param>
internal readonly record struct AggregateSize(int State, int Methods, int Events, int Rules)
{
    public override string ToString() =>
        $"{Counted.Of(State, "member")}, {Counted.Of(Methods, "method")}, {Counted.Of(Events, "event")}, "
            + $"{Counted.Of(Rules, "rule")}";
}

/// <summary>Something that reaches across a boundary.</summary>
/// <param name="Kind">Its name, in kebab case.</param>
/// <param name="IsStrong">Whether two parts can no longer change, fail or be deployed without each other.</param>
/// <param name="Parts">What depends on each other.</param>
/// <param name="Why">What was found.</param>
/// <param name="Instead">What to do instead, or when it is right.</param>
internal sealed record Dependency(string Kind, bool IsStrong, IReadOnlyList<string> Parts, string Why, string Instead);
