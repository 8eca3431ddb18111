namespace Millrace.Storage.Objects;

/// <summary>The rules for the names of objects, which all places accept.</summary>
public static class ObjectName
{
    /// <summary>The maximum size of an object in bytes: 64 MiB.</summary>
    public const int MaxObjectBytes = 64 * 1024 * 1024;

    private const int MaxLength = 512;

    /// <summary>Throws an exception if the name is invalid.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is invalid.</exception>
    public static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxLength || !name.Split('/').All(IsSegment))
            throw new ArgumentException(
                $"'{name}' is not a valid name of an object. Use at most {MaxLength} characters: segments of lower case "
                    + "letters, digits, '-', '_' and '.' that are separated by '/' and do not start with '.'.",
                nameof(name));
    }

    private static bool IsSegment(string segment) =>
        segment.Length > 0 && segment[0] != '.' && segment.All(character =>
            char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.');
}
