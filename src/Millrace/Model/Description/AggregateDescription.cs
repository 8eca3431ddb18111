namespace Millrace;

/// <summary>An aggregate, or a decider.</summary>
/// <param name="Name">Its name in C#, without the namespace; with its context where another is called so.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="Category">The category of its streams.</param>
public sealed record AggregateDescription(string Name, string Context, string Category)
{
    /// <summary>Its full name in C#.</summary>
    public required string Type { get; init; }

    /// <summary>What it is responsible for, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether it is a decider, which has no methods but a function for each command.</summary>
    public bool IsDecider { get; init; }

    /// <summary>The name of its id's type; null when that is not known.</summary>
    public string? Id { get; init; }

    /// <summary>After how many events a snapshot is taken; 0 for never.</summary>
    public int SnapshotEvery { get; init; }

    /// <summary>What it remembers, in the order it is written in.</summary>
    public IReadOnlyList<StateDescription> State { get; init; } = [];

    /// <summary>What can be asked of it, in the order it is written in: how it lives, as a rule.</summary>
    public IReadOnlyList<MethodDescription> Methods { get; init; } = [];

    /// <summary>The rules by which it refuses, in the order they are met.</summary>
    public IReadOnlyList<RuleDescription> Rules { get; init; } = [];

    /// <summary>The stored names of the events that it writes, in the order it writes them.</summary>
    public IReadOnlyList<string> Writes { get; init; } = [];

    /// <summary>The stored names of the events that change its state.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];
}

/// <summary>What an aggregate remembers under a name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as written in C#.</param>
public sealed record StateDescription(string Name, string Type)
{
    /// <summary>The names of the aggregates whose ids it holds.</summary>
    public IReadOnlyList<string> RefersTo { get; init; } = [];

    /// <summary>The names of the aggregates that it holds as objects, which nothing keeps consistent with it.</summary>
    public IReadOnlyList<string> Holds { get; init; } = [];
}

/// <summary>What can be asked of an aggregate.</summary>
/// <param name="Name">Its name in C#.</param>
public sealed record MethodDescription(string Name)
{
    /// <summary>What it does, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>The stored names of the events that it may raise.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>The names of the rules by which it may refuse.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>The names of other aggregates that it takes as arguments.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];
}

/// <summary>A rule of the domain by which commands are refused.</summary>
/// <param name="Name">Its name, in kebab case.</param>
/// <param name="Message">What people are told, with what is filled in between braces; null where it is not the same
/// everywhere.</param>
/// <param name="Methods">Where it is asked for.</param>
public sealed record RuleDescription(string Name, string? Message, IReadOnlyList<string> Methods)
{
    /// <summary>
    /// What must hold, as it is written in the source: <c>Amount - Refunded >= amount</c>. Several where it is asked
    /// for in several ways; none where the source does not tell by one condition. Of a refusal that is thrown it is the
    /// opposite of what leads there.
    /// </summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];
}
