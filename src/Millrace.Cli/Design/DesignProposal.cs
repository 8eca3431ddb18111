namespace Millrace.Cli.Design;

/// <summary>What is proposed for a description, each with its reason.</summary>
internal sealed record DesignProposal(
    DesignFile File,
    IReadOnlyList<ContextProposal> Contexts,
    IReadOnlyList<ReadModelProposal> ReadModels,
    IReadOnlyList<string> Notes)
{
    public IEnumerable<AggregateProposal> Aggregates => Contexts.SelectMany(context => context.Aggregates);

    /// <summary>A type of a library, with its namespace where an entity or a part has its name.</summary>
    public string Library(string space, string type) =>
        File.Entities.Any(one => one.Name == type) || File.Parts.Any(one => one.Name == type)
            ? $"{space}.{type}"
            : type;
}

/// <summary>A service or bounded context.</summary>
internal sealed record ContextProposal(string Name, IReadOnlyList<AggregateProposal> Aggregates, string Reason);

/// <summary>An aggregate: an entity with its parts.</summary>
/// <param name="Of">The entity.</param>
/// <param name="Parts">The parts within its boundary.</param>
/// <param name="RefersTo">The entities that it knows by id alone.</param>
/// <param name="Steps">What can happen to it.</param>
/// <param name="AlsoPossible">Names of events that speak of data and not of the trade.</param>
/// <param name="Reason">Why its boundary runs there.</param>
internal sealed record AggregateProposal(
    Entity Of,
    IReadOnlyList<Part> Parts,
    IReadOnlyList<string> RefersTo,
    IReadOnlyList<Step> Steps,
    IReadOnlyList<string> AlsoPossible,
    string Reason)
{
    public string Id => Of.Name + "Id";

    public string State => Of.Name + "State";

    public Step Beginning => Steps[0];
}

/// <summary>What kind of thing happens.</summary>
internal enum StepKind
{
    Begin,
    Move,
    Change,
    Add,
    Remove,
}

/// <summary>A command with its event.</summary>
/// <param name="Kind">What kind of thing happens.</param>
/// <param name="Event">The name of the event's type.</param>
/// <param name="Stored">The stored name of the event.</param>
/// <param name="Command">The name of the command's type.</param>
/// <param name="Method">What the aggregate is asked.</param>
/// <param name="Given">What the command brings.</param>
/// <param name="Known">What the event tells beyond that, from what the aggregate knows, each with its reason.</param>
/// <param name="From">The states in which it may happen; any when there are none.</param>
/// <param name="To">The state that it leads to.</param>
/// <param name="Reason">Why it is named and there so.</param>
/// <param name="Line">The line that it comes from.</param>
internal sealed record Step(
    StepKind Kind,
    string Event,
    string Stored,
    string Command,
    string Method,
    IReadOnlyList<DesignAttribute> Given,
    IReadOnlyList<(DesignAttribute Attribute, string Why)> Known,
    IReadOnlyList<string> From,
    string? To,
    string Reason,
    int Line)
{
    /// <summary>Everything that the event tells, without the aggregate's id and the time.</summary>
    public IEnumerable<DesignAttribute> Told => Given.Concat(Known.Select(known => known.Attribute));
}

/// <summary>A read model: documents, what of events they are made of, and who asks.</summary>
/// <param name="Name">The name of its documents' type.</param>
/// <param name="Stored">The name of the projection.</param>
/// <param name="Entity">The entity whose events it follows.</param>
/// <param name="Query">The query that it is made for; null for the one that shows the entity itself.</param>
/// <param name="Key">What its documents are found by.</param>
/// <param name="Rows">Which event becomes what in it.</param>
/// <param name="Queries">The queries that read it.</param>
/// <param name="Reason">Why it is there.</param>
internal sealed record ReadModelProposal(
    string Name,
    string Stored,
    AggregateProposal Entity,
    DesignQuery? Query,
    string Key,
    IReadOnlyList<(Step Step, string Becomes)> Rows,
    IReadOnlyList<DesignQuery> Queries,
    string Reason);
