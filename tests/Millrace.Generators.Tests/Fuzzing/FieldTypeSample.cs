namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>A type as a drawn program names it.</summary>
internal sealed record FieldTypeSample(string Name, bool IsValue)
{
    /// <summary>Whether it can be the key of a dictionary.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether its values have an order.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Whether it is annotated with a question mark.</summary>
    public bool IsNullable { get; init; }

    /// <summary>A constant, as the default of a parameter; null where there is none.</summary>
    public string? Constant { get; init; }

    /// <summary>The value of an initializer; null where none is drawn.</summary>
    public string? Initial { get; init; }

    public FieldTypeSample OrNull() => this with
    {
        Name = Name + "?",
        IsNullable = true,
        IsKey = false,
        IsOrdered = false,
        Constant = Constant is null or "default" ? "null" : Constant,
    };
}
