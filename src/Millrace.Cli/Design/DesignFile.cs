namespace Millrace.Cli.Design;

/// <summary>What a description says: the entities of an application, their rules, and what is asked about
/// them.</summary>
internal sealed record DesignFile(
    string Application,
    string? Summary,
    IReadOnlyList<Entity> Entities,
    IReadOnlyList<Part> Parts,
    IReadOnlyList<ExternalEntity> Outside,
    IReadOnlyList<DesignQuery> Queries);

/// <summary>Something that has a life of its own.</summary>
internal sealed record Entity(string Name, string Context, string? Summary, int Line)
{
    public List<DesignAttribute> Attributes { get; } = [];

    public List<Transition> Transitions { get; } = [];

    public List<DesignRule> Rules { get; } = [];

    /// <summary>The verb by which it begins, when the description says it, and the line where it does.</summary>
    public (string Verb, int Line)? Begins { get; set; }

    /// <summary>The states, in the order they are named in.</summary>
    public IReadOnlyList<string> States =>
        [.. Transitions.SelectMany(one => one.From.Append(one.To)).Distinct(StringComparer.Ordinal)];

    /// <summary>What is given when it begins: neither worked out nor a list that grows.</summary>
    public IEnumerable<DesignAttribute> Given =>
        Attributes.Where(one => one.Formula is null && !(one.IsList && one.MayChange));
}

/// <summary>A part of an entity, without a life of its own.</summary>
internal sealed record Part(string Name, int Line)
{
    public List<DesignAttribute> Attributes { get; } = [];
}

/// <summary>An entity of somebody else, of which the id is known.</summary>
internal sealed record ExternalEntity(string Name, int Line);

/// <summary>What kind of value an attribute has.</summary>
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
    /// <summary>The entity or part that it is.</summary>
    public string Of { get; init; } = "";

    public IReadOnlyList<string> Choices { get; init; } = [];

    public bool IsList { get; init; }

    public bool IsOptional { get; init; }

    public bool IsUnique { get; init; }

    public bool MayChange { get; init; }

    /// <summary>The states in which it may change; all when there are none.</summary>
    public IReadOnlyList<string> ChangesIn { get; init; } = [];

    public DesignFormula? Formula { get; init; }
}

/// <summary>How an attribute is worked out from a list: its count, or the sum of a product.</summary>
internal sealed record DesignFormula(bool IsCount, string List, IReadOnlyList<string> Factors);

/// <summary>A change of state.</summary>
internal sealed record Transition(
    IReadOnlyList<string> From, string To, string? Verb, IReadOnlyList<DesignAttribute> With, int Line);

/// <summary>A rule by which an entity refuses.</summary>
internal sealed record DesignRule(
    string Name, IReadOnlyList<DesignCondition> Conditions, string? When, string Message, int Line);

/// <summary>What must hold: an attribute, or a list's parts' attribute, compared with something.</summary>
internal sealed record DesignCondition(string Attribute, string? Inner, string Operator, string Value);

/// <summary>What is asked.</summary>
internal enum QueryKind
{
    One,
    List,
    Count,
    Sum,
}

/// <summary>A question about entities.</summary>
internal sealed record DesignQuery(
    string Name,
    QueryKind Kind,
    string Entity,
    string? Attribute,
    IReadOnlyList<string> By,
    string? When,
    string? Summary,
    int Line);
