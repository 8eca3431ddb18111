namespace Millrace.Cli.Design;

/// <summary>A parsed description with the entities of an application, their rules and their queries.</summary>
internal sealed record DesignFile(
    string Application,
    string? Summary,
    IReadOnlyList<Entity> Entities,
    IReadOnlyList<Part> Parts,
    IReadOnlyList<ExternalEntity> Outside,
    IReadOnlyList<DesignQuery> Queries);

/// <summary>An entity, which has an identity and changes over time.</summary>
internal sealed record Entity(string Name, string Context, string? Summary, int Line)
{
    public List<DesignAttribute> Attributes { get; } = [];

    public List<Transition> Transitions { get; } = [];

    public List<DesignRule> Rules { get; } = [];

    /// <summary>
    /// Gets the verb that creates the entity and the line of the verb, or null when the description specifies no verb.
    /// </summary>
    public (string Verb, int Line)? Begins { get; set; }

    /// <summary>Gets the states in the order in which they appear in the description.</summary>
    public IReadOnlyList<string> States =>
        [.. Transitions.SelectMany(one => one.From.Append(one.To)).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Gets the attributes that are set at creation. Calculated attributes and lists that grow are excluded.
    /// </summary>
    public IEnumerable<DesignAttribute> InitialAttributes =>
        Attributes.Where(one => one.Formula is null && !(one.IsList && one.MayChange));
}

/// <summary>A part of an entity, without an identity.</summary>
internal sealed record Part(string Name, int Line)
{
    public List<DesignAttribute> Attributes { get; } = [];
}

/// <summary>An entity of another system. Only its id is known.</summary>
internal sealed record ExternalEntity(string Name, int Line);

/// <summary>The type of an attribute.</summary>
internal enum AttributeKind
{
    Text,
    Integer,
    Number,
    Money,
    YesNo,
    Date,
    Time,
    Choice,
    Reference,
    PartOf,
}

/// <summary>An attribute of an entity, of a part, or of a change of state.</summary>
internal sealed record DesignAttribute(string Name, AttributeKind Kind, int Line)
{
    /// <summary>Gets the entity or part that the attribute refers to.</summary>
    public string Of { get; init; } = "";

    public IReadOnlyList<string> Choices { get; init; } = [];

    public bool IsList { get; init; }

    public bool IsOptional { get; init; }

    public bool IsUnique { get; init; }

    public bool MayChange { get; init; }

    /// <summary>Gets the states in which the attribute may change. An empty list means all states.</summary>
    public IReadOnlyList<string> ChangesIn { get; init; } = [];

    public DesignFormula? Formula { get; init; }
}

/// <summary>A calculation over a list: the number of items or the sum of a product.</summary>
internal sealed record DesignFormula(bool IsCount, string List, IReadOnlyList<string> Factors);

/// <summary>A change of state.</summary>
internal sealed record Transition(
    IReadOnlyList<string> From, string To, string? Verb, IReadOnlyList<DesignAttribute> With, int Line);

/// <summary>A rule that an entity enforces.</summary>
internal sealed record DesignRule(
    string Name, IReadOnlyList<DesignCondition> Conditions, string? When, string Message, int Line);

/// <summary>A condition: an attribute, or an attribute of a list's parts, compared with a value.</summary>
internal sealed record DesignCondition(string Attribute, string? Inner, string Operator, string Value);

/// <summary>The kind of a query.</summary>
internal enum QueryKind
{
    One,
    List,
    Count,
    Sum,
}

/// <summary>A query about entities.</summary>
internal sealed record DesignQuery(
    string Name,
    QueryKind Kind,
    string Entity,
    string? Attribute,
    IReadOnlyList<string> By,
    string? When,
    string? Summary,
    int Line);
