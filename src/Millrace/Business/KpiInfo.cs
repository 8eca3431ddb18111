namespace Millrace;

/// <summary>The description of a business figure.</summary>
public sealed record KpiInfo
{
    /// <summary>Gets the name, in kebab case.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how the values are combined.</summary>
    public required KpiKind Kind { get; init; }

    /// <summary>Gets the unit, such as GBP; empty if there is none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Gets the purpose of the figure; empty if there is none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the dimensions, such as country.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>Gets the name of the projection that stores the figure.</summary>
    public required string Projection { get; init; }

    /// <summary>Gets the start of the first hour with a value; null if there is none, or it was not read.</summary>
    public DateTimeOffset? First { get; init; }

    /// <summary>Gets the start of the last hour with a value; null if there is none, or it was not read.</summary>
    public DateTimeOffset? Last { get; init; }
}
