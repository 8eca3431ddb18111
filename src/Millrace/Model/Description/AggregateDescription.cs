namespace Millrace;

/// <summary>The description of an aggregate or a decider.</summary>
/// <param name="Name">The name in C#, without the namespace. The name contains the context if another aggregate has the
/// same name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Category">The category of the aggregate's streams.</param>
public sealed record AggregateDescription(string Name, string Context, string Category)
{
    /// <summary>Gets the full name in C#.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the summary in the documentation of the aggregate; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets whether this is a decider, which has a function for each command instead of methods.</summary>
    public bool IsDecider { get; init; }

    /// <summary>Gets the name of the id's type; null if it is unknown.</summary>
    public string? Id { get; init; }

    /// <summary>
    /// Gets the number of events after which a snapshot is written; 0 if the aggregate has no snapshots.
    /// </summary>
    public int SnapshotEvery { get; init; }

    /// <summary>Gets the members of the state, in the order of the source code.</summary>
    public IReadOnlyList<StateDescription> State { get; init; } = [];

    /// <summary>
    /// Gets the methods, in the order of the source code. This is usually the order of the aggregate's life cycle.
    /// </summary>
    public IReadOnlyList<MethodDescription> Methods { get; init; } = [];

    /// <summary>Gets the rules by which the aggregate refuses commands, in the order of the source code.</summary>
    public IReadOnlyList<RuleDescription> Rules { get; init; } = [];

    /// <summary>Gets the stored names of the events that the aggregate writes, in order.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>Gets the stored names of the events that change the state.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];
}

/// <summary>A member of an aggregate's state.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type, as written in C#.</param>
public sealed record StateDescription(string Name, string Type)
{
    /// <summary>Gets the names of the aggregates whose ids the member contains.</summary>
    public IReadOnlyList<string> RefersTo { get; init; } = [];

    /// <summary>
    /// Gets the names of the aggregates that the member contains as objects. Millrace does not keep such objects
    /// consistent.
    /// </summary>
    public IReadOnlyList<string> Contains { get; init; } = [];
}

/// <summary>A method of an aggregate.</summary>
/// <param name="Name">The name in C#.</param>
public sealed record MethodDescription(string Name)
{
    /// <summary>Gets the summary in the documentation of the method; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the stored names of the events that the method may raise.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Gets the names of the rules by which the method may refuse a command.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets the names of other aggregates that the method has as parameters.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];
}

/// <summary>A rule of the domain by which an aggregate refuses commands.</summary>
/// <param name="Name">The name, in kebab case.</param>
/// <param name="Message">The message for users, with placeholders in braces; null if the rule has no single
/// message.</param>
/// <param name="Methods">The methods that check the rule.</param>
public sealed record RuleDescription(string Name, string? Message, IReadOnlyList<string> Methods)
{
    /// <summary>
    /// Gets the conditions that must be true, as written in the source code, such as <c>Amount - Refunded >=
    /// amount</c>. The list has several conditions if the code checks the rule in several ways. It is empty if a check
    /// is not a single condition. If the code throws the refusal, the condition is the negated condition of the throw.
    /// </summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];
}
