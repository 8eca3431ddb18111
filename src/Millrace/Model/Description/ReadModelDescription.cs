using Millrace.Serialization;

namespace Millrace;

/// <summary>A read model: a projection with its documents.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="Version">Its version, from 1.</param>
/// <param name="Lifecycle">When its documents are written.</param>
public sealed record ReadModelDescription(string Name, string Context, int Version, ProjectionLifecycle Lifecycle)
{
    /// <summary>What it shows, as the documentation of the projection or the document says; null when neither says
    /// anything.</summary>
    public string? Summary { get; init; }

    /// <summary>The CLR type of its documents.</summary>
    public required Type DocumentType { get; init; }

    /// <summary>The CLR type of their keys.</summary>
    public required Type KeyType { get; init; }

    /// <summary>The members of a document.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>The stored names of the events that it is made of.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Which members of these events end up in which members of a document.</summary>
    public IReadOnlyList<MemberFlow> MadeOf { get; init; } = [];

    /// <summary>The names of the queries that read it.</summary>
    public IReadOnlyList<string> Queries { get; init; } = [];
}

/// <summary>A query.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="Type">Its CLR type.</param>
/// <param name="ResultType">The CLR type of its answer.</param>
public sealed record QueryDescription(string Name, string Context, Type Type, Type ResultType)
{
    /// <summary>What it asks, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>What it is given.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>The names of the read models that it reads.</summary>
    public IReadOnlyList<string> ReadModels { get; init; } = [];
}

/// <summary>A consumer of the application's own, or what else reacts to events.</summary>
/// <param name="Name">Its stable name.</param>
/// <param name="Context">The context it belongs to.</param>
/// <param name="In">Where it is written: class and method.</param>
public sealed record ConsumerDescription(string Name, string Context, string In)
{
    /// <summary>What it does, as its documentation says; null when it says nothing.</summary>
    public string? Summary { get; init; }

    /// <summary>The stored names of the events that it reacts to; all of them when it says no other.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Whether it asks for all events.</summary>
    public bool AsksForAll { get; init; }

    /// <summary>The names of the commands that it may send.</summary>
    public IReadOnlyList<string> Sends { get; init; } = [];
}
