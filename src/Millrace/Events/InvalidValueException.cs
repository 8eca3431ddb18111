namespace Millrace;

/// <summary>Thrown when a value or an id breaks its validation rule.</summary>
public sealed class InvalidValueException(string type, string? value, string problem)
    : MillraceException($"'{Shorten(value)}' is not a valid {type}: {problem}")
{
    /// <summary>Gets the name of the value's type.</summary>
    public string Type { get; } = type;

    /// <summary>Gets the reason.</summary>
    public string Problem { get; } = problem;

    private static string Shorten(string? value) =>
        value is null ? ""
        : value.Length <= 80 ? value
        : value[..77] + "...";
}
