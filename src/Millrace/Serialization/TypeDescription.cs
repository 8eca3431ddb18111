namespace Millrace.Serialization;

/// <summary>How a type is written as JSON, for whoever describes it: OpenAPI, catalogues, tools.</summary>
/// <param name="Form">What it looks like.</param>
public sealed record TypeDescription(TypeForm Form)
{
    /// <summary>The members of an object in the order they are written; none for all else.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>The texts of an enumeration; none for all else.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What a value holds; the type of a list's items or of a map's values; null for all else.</summary>
    public Type? Inner { get; init; }

    /// <summary>Whether items of a list or values of a map may be null. False by default.</summary>
    public bool AllowsNullInside { get; init; }

    /// <summary>The name of the member that says which of the <see cref="Variants"/> an object is; null where there are
    /// none.</summary>
    public string? Discriminator { get; init; }

    /// <summary>The types that a polymorphic value may be of; none for all else.</summary>
    public IReadOnlyList<VariantDescription> Variants { get; init; } = [];

    /// <summary>What it means, for people; null when nobody said.</summary>
    public string? Summary { get; init; }
}
