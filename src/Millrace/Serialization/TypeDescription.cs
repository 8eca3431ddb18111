namespace Millrace.Serialization;

/// <summary>The description of a type's JSON, for OpenAPI, catalogs and tools.</summary>
/// <param name="Form">The form of the JSON.</param>
public sealed record TypeDescription(TypeForm Form)
{
    /// <summary>Gets the members of an object in the order in which they are written; empty for other forms.</summary>
    public IReadOnlyList<MemberDescription> Members { get; init; } = [];

    /// <summary>Gets the texts of an enumeration; empty for other forms.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>
    /// Gets the type of the wrapped value, of the list's items, or of the map's values; null for other forms.
    /// </summary>
    public Type? Inner { get; init; }

    /// <summary>Gets whether items of a list or values of a map may be null. The default is false.</summary>
    public bool AllowsNullInside { get; init; }

    /// <summary>
    /// Gets the name of the member that selects one of the <see cref="Variants"/>; null if there are no variants.
    /// </summary>
    public string? Discriminator { get; init; }

    /// <summary>Gets the possible types of a polymorphic value; empty for other forms.</summary>
    public IReadOnlyList<VariantDescription> Variants { get; init; } = [];

    /// <summary>Gets the description for users; null if there is no description.</summary>
    public string? Summary { get; init; }
}
