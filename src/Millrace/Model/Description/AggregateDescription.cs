namespace Millrace;

/// <summary>An aggregate, or a decider.</summary>
/// <param name="Name">The name in C#, without the namespace; with its context if another one has the same name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Category">The category of its streams.</param>
public sealed record AggregateDescription(string Name, string Context, string Category)
{
    /// <summary>Gets the full name in C#.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the summary of its documentation; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>True for a decider, which has no methods but a function for each command.</summary>
    public bool IsDecider { get; init; }

    /// <summary>Gets the name of its id's type; null if it is unknown.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the number of events after which a snapshot is taken; 0 for never.</summary>
    public int SnapshotEvery { get; init; }

    /// <summary>Gets its state, in the order of the source.</summary>
    public IReadOnlyList<StateDescription> State { get; init; } = [];

    /// <summary>Gets its methods, in the order of the source, which is usually that of its life cycle.</summary>
    public IReadOnlyList<MethodDescription> Methods { get; init; } = [];

    /// <summary>Gets the rules by which it refuses, in the order of the source.</summary>
    public IReadOnlyList<RuleDescription> Rules { get; init; } = [];

    /// <summary>Gets the stored names of the events that it writes, in order.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>Gets the stored names of the events that change its state.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];
}

/// <summary>A member of an aggregate's state.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type, as written in C#.</param>
public sealed record StateDescription(string Name, string Type)
{
    /// <summary>Gets the names of the aggregates whose ids it contains.</summary>
    public IReadOnlyList<string> RefersTo { get; init; } = [];

    /// <summary>
    /// Gets the names of the aggregates that it contains as objects, which nothing keeps consistent with it.
    /// </summary>
    public IReadOnlyList<string> Holds { get; init; } = [];
}

/// <summary>A method of an aggregate.</summary>
/// <param name="Name">The name in C#.</param>
public sealed record MethodDescription(string Name)
{
    /// <summary>Gets the summary of its documentation; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the stored names of the events that it may raise.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Gets the names of the rules by which it may refuse.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets the names of other aggregates that it takes as arguments.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];
}

/// <summary>A rule of the domain by which commands are refused.</summary>
/// <param name="Name">The name, in kebab case.</param>
/// <param name="Message">The message for users, with placeholders in braces; null if it is not always the same.</param>
/// <param name="Methods">The methods that check it.</param>
public sealed record RuleDescription(string Name, string? Message, IReadOnlyList<string> Methods)
{
    /// <summary>
    /// Gets the conditions that must hold, as written in the source: <c>Amount - Refunded >= amount</c>. There are
    /// several if it is checked in several ways, and none if the source has no single condition. For a refusal that is
    /// thrown, it is the negated condition of the throw.
    /// </summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];
}
