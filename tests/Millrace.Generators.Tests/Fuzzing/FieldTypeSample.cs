namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>A type of a member in a random program.</summary>
internal sealed record FieldTypeSample(string Name, bool IsValue)
{
    /// <summary>Gets whether the type can be the key of a dictionary.</summary>
    public bool IsKey { get; init; }

    /// <summary>Gets whether the values of the type have an order.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Gets whether the type is annotated with a question mark.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Gets a constant that can be the default value of a parameter, or null if the type has none.</summary>
    public string? Constant { get; init; }

    /// <summary>Gets the value of an initializer, or null if members of the type have no initializer.</summary>
    public string? Initial { get; init; }

    public FieldTypeSample AsNullable() => this with
    {
        Name = Name + "?",
        IsNullable = true,
        IsKey = false,
        IsOrdered = false,
        Constant = Constant is null or "default" ? "null" : Constant,
    };
}
