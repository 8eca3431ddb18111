namespace Millrace;

/// <summary>A value or an id that does not meet its rule was given.</summary>
public sealed class InvalidValueException(string type, string? value, string problem)
    : MillraceException($"'{Shorten(value)}' is not a valid {type}: {problem}")
{
    /// <summary>The name of the value's type.</summary>
    public string Type { get; } = type;

    /// <summary>Why it was refused.</summary>
    public string Problem { get; } = problem;

    private static string Shorten(string? value) =>
        value is null ? ""
        : value.Length <= 80 ? value
        : value[..77] + "...";
}
