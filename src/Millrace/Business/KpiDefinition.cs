using Millrace.Business;

namespace Millrace;

/// <summary>
/// The definition of a business figure for the runtime. The generator writes it for a class with
/// <see cref="KpiAttribute"/>.
/// </summary>
public sealed class KpiDefinition
{
    /// <summary>The maximum number of dimensions.</summary>
    public const int MaxDimensions = 8;

    private const int MaxMaxMembers = 1_000;

    /// <summary>Gets the stable name, in kebab case.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version, from 1.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Gets how the values are combined.</summary>
    public KpiKind Kind { get; init; }

    /// <summary>Gets the unit; empty if there is none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Gets the purpose of the figure; empty if there is none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the dimensions.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <inheritdoc cref="KpiAttribute.MaxMembers"/>
    public int MaxMembers { get; init; } = 100;

    /// <summary>Gets the CLR types of the events.</summary>
    public required IReadOnlyList<Type> Events { get; init; }

    /// <summary>Gets the display names of the rules for <see cref="Events"/>, in the same order.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>Gets the class that declares the figure; null if it is registered without a class.</summary>
    public Type? DeclaringType { get; init; }

    /// <summary>Gets the pure method that adds the values of an event to a list.</summary>
    public required Action<RecordedEvent, ICollection<KpiValue>> Measure { get; init; }

    /// <summary>Gets the name of the projection that stores the figure.</summary>
    public string Projection => KpiBucket.ProjectionPrefix + Name;

    internal KpiInfo Info => new()
    {
        Name = Name,
        Kind = Kind,
        Unit = Unit,
        Description = Description,
        Dimensions = Dimensions,
        Projection = Projection,
    };

    /// <summary>Creates the projection that stores the figure.</summary>
    /// <exception cref="ArgumentException">A part of the definition is not valid.</exception>
    internal ProjectionDefinition<string, KpiBucket> CreateProjection()
    {
        Check();
        return new ProjectionDefinition<string, KpiBucket>
        {
            Name = Projection,
            Version = Version,
            Events = Events,
            Rules = Rules,
            Document = KpiJson.Default.KpiBucket,
            Create = () => new KpiProjection(this),
            DeclaringType = DeclaringType,
        };
    }

    private void Check()
    {
        foreach (var name in Dimensions.Prepend(Name))
        {
            if (name.Length == 0 || !name.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
                throw Invalid($"the name '{name}' must have lower case letters, digits and dashes only");
        }
        if (Version < 1)
            throw Invalid("the version must be at least 1");
        if (!Enum.IsDefined(Kind))
            throw Invalid($"{Kind} is not a kind");
        if (Dimensions.Count > MaxDimensions || Dimensions.Distinct(StringComparer.Ordinal).Count() < Dimensions.Count)
            throw Invalid($"it must have at most {MaxDimensions} dimensions, each with its own name");
        if (MaxMembers is < 1 or > MaxMaxMembers)
            throw Invalid($"MaxMembers must be from 1 to {MaxMaxMembers:N0}");
    }

    private ArgumentException Invalid(string problem) => new($"The KPI '{Name}' is not valid: {problem}.");
}
