using Millrace.Events;

namespace Millrace;

/// <summary>A name and a value by which readers can find an event, such as <c>customer:42</c>.</summary>
/// <remarks>
/// The name must not be empty and must not contain a colon. Name and value together have at most 256 characters,
/// without NUL and without halves of surrogate pairs. Using the default value throws an exception.
/// </remarks>
public readonly record struct Tag
{
    /// <summary>The maximum length of a tag's name and value together, in characters.</summary>
    public const int MaxLength = 256;

    private readonly string? _text;

    /// <summary>Creates a tag.</summary>
    /// <exception cref="InvalidNameException">The name or the value is not allowed.</exception>
    public Tag(string name, string value)
        : this(Join(name, value))
    {
    }

    private Tag(string text) => _text = text;

    /// <summary>
    /// Creates a tag whose value is the text of a key, as returned by <see cref="KeyText"/>, which lists the types that
    /// can be keys.
    /// </summary>
    /// <exception cref="InvalidNameException">The name or the value's text is not allowed.</exception>
    /// <exception cref="ArgumentException">The type cannot be a key.</exception>
    public static Tag For<TValue>(string name, TValue value)
        where TValue : notnull => new(name, KeyText.Of(value));

    /// <summary>Gets the part before the first colon.</summary>
    public string Name => Text[..Text.IndexOf(':', StringComparison.Ordinal)];

    /// <summary>Gets the part after the first colon.</summary>
    public string Value => Text[(Text.IndexOf(':', StringComparison.Ordinal) + 1)..];

    internal bool IsDefault => _text is null;

    private string Text => _text
        ?? throw new InvalidOperationException("The tag is not set: it is the default value of Tag.");

    /// <summary>Parses <c>name:value</c>.</summary>
    /// <exception cref="InvalidNameException">The text is not a tag.</exception>
    public static Tag Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Problem(text) is { } problem ? throw new InvalidNameException("tag", text, problem) : new Tag(text);
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? "(no tag)";

    private static string Join(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        if (name.Contains(':', StringComparison.Ordinal))
            throw new InvalidNameException("tag name", name, "it contains a colon, which separates name and value");
        return Parse($"{name}:{value}")._text!; // Parse never returns a default tag.
    }

    private static string? Problem(string text)
    {
        if (WellFormedText.Problem(text, MaxLength) is { } problem)
            return problem;
        return text.IndexOf(':', StringComparison.Ordinal) < 1 ? "it is not of the form name:value" : null;
    }
}
