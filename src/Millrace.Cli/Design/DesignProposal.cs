namespace Millrace.Cli.Design;

/// <summary>The proposals for a description, each with its reason.</summary>
internal sealed record DesignProposal(
    DesignFile File,
    IReadOnlyList<ContextProposal> Contexts,
    IReadOnlyList<ReadModelProposal> ReadModels,
    IReadOnlyList<string> Notes)
{
    public IEnumerable<AggregateProposal> Aggregates => Contexts.SelectMany(context => context.Aggregates);

    /// <summary>
    /// Returns the name of a library type. The name includes the namespace when an entity or a part has the same name.
    /// </summary>
    public string Library(string namespaceName, string type) =>
        File.Entities.Any(one => one.Name == type) || File.Parts.Any(one => one.Name == type)
            ? $"{namespaceName}.{type}"
            : type;
}

/// <summary>A service or bounded context.</summary>
internal sealed record ContextProposal(string Name, IReadOnlyList<AggregateProposal> Aggregates, string Reason);

/// <summary>An aggregate: an entity with its parts.</summary>
/// <param name="Of">The entity.</param>
/// <param name="Parts">The parts inside its boundary.</param>
/// <param name="RefersTo">The entities that the aggregate refers to by id.</param>
/// <param name="Steps">The commands of the aggregate with their events.</param>
/// <param name="AlsoPossible">Event names that use data terms instead of domain terms.</param>
/// <param name="Reason">The reason for the boundary of the aggregate.</param>
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

/// <summary>The kind of a step.</summary>
internal enum StepKind
{
    Begin,
    Move,
    Change,
    Add,
    Remove,
}

/// <summary>A command with its event.</summary>
/// <param name="Kind">The kind of the step.</param>
/// <param name="Event">The name of the event's type.</param>
/// <param name="Stored">The stored name of the event.</param>
/// <param name="Command">The name of the command's type.</param>
/// <param name="Method">The method of the aggregate.</param>
/// <param name="Given">The attributes that the command contains.</param>
/// <param name="Known">Additional attributes of the event from the aggregate's state, each with its reason.</param>
/// <param name="From">The states in which the step is allowed. An empty list means all states.</param>
/// <param name="To">The resulting state.</param>
/// <param name="Reason">The reason for the step and its name.</param>
/// <param name="Line">The line in the description.</param>
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
    /// <summary>All attributes of the event, without the aggregate's id and the time.</summary>
    public IEnumerable<DesignAttribute> EventAttributes => Given.Concat(Known.Select(known => known.Attribute));
}

/// <summary>A read model with its documents, the events that change them, and its queries.</summary>
/// <param name="Name">The type name of its documents.</param>
/// <param name="Stored">The name of the projection.</param>
/// <param name="Entity">The entity whose events change the documents.</param>
/// <param name="Query">The query that needs the read model, or null when the read model shows the entity
/// itself.</param>
/// <param name="Key">The key of its documents.</param>
/// <param name="Rows">The effect of each event.</param>
/// <param name="Queries">The queries that read it.</param>
/// <param name="Reason">The reason for the read model.</param>
internal sealed record ReadModelProposal(
    string Name,
    string Stored,
    AggregateProposal Entity,
    DesignQuery? Query,
    string Key,
    IReadOnlyList<(Step Step, string Becomes)> Rows,
    IReadOnlyList<DesignQuery> Queries,
    string Reason);
