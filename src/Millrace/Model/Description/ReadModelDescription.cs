using Millrace.Serialization;

namespace Millrace;

/// <summary>The description of a read model, which is a projection with its documents.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Version">The version, from 1.</param>
/// <param name="Lifecycle">The lifecycle, which defines when the documents are written.</param>
public sealed record ReadModelDescription(string Name, string Context, int Version, ProjectionLifecycle Lifecycle)
{
    /// <summary>
    /// Gets the summary in the documentation of the projection or the document; null if neither is documented.
    /// </summary>
    public string? Summary { get; init; }

    /// <summary>Gets the CLR type of the documents.</summary>
    public required Type DocumentType { get; init; }

    /// <summary>Gets the CLR type of the keys.</summary>
    public required Type KeyType { get; init; }

    /// <summary>Gets the members of a document.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>Gets the stored names of the events that the projection folds.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Gets the effects of these events' members on the members of a document.</summary>
    public IReadOnlyList<MemberFlow> MemberFlows { get; init; } = [];

    /// <summary>Gets the names of the queries that read this read model.</summary>
    public IReadOnlyList<string> Queries { get; init; } = [];

    /// <summary>Gets the members whose values are stored encrypted, such as personal data.</summary>
    public IReadOnlyList<ProtectedMember> Marks { get; init; } = [];
}

/// <summary>The description of a query.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Type">The CLR type.</param>
/// <param name="ResultType">The CLR type of the answer.</param>
public sealed record QueryDescription(string Name, string Context, Type Type, Type ResultType)
{
    /// <summary>Gets the summary in the documentation of the query; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the members of the query.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>Gets the names of the read models that the query reads.</summary>
    public IReadOnlyList<string> ReadModels { get; init; } = [];
}

/// <summary>The description of a consumer of the application, or of other code that reacts to events.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Location">The class and the method that contain the consumer.</param>
public sealed record ConsumerDescription(string Name, string Context, string Location)
{
    /// <summary>Gets the summary in the documentation of the consumer; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the stored names of the consumer's events.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>Gets whether the consumer receives all events.</summary>
    public bool ReceivesAllEvents { get; init; }

    /// <summary>Gets the names of the commands that the consumer may send.</summary>
    public IReadOnlyList<string> Sends { get; init; } = [];
}
