namespace Millrace.Storage.Objects;

/// <summary>The rules for objects and their names, which all places accept.</summary>
public static class ObjectName
{
    /// <summary>The maximum size of an object in bytes: 64 MiB.</summary>
    public const int MaxObjectBytes = 64 * 1024 * 1024;

    private const int MaxLength = 512;
    private const int MaxSegmentLength = 200; // File systems have 255, of which object servers use some for a suffix.

    private static readonly string Rule =
        $"Use at most {MaxLength} characters: segments of lower case letters, digits, '-', '_' and '.' that are "
        + $"separated by '/', have at most {MaxSegmentLength} characters, and do not start or end with '.'.";

    /// <summary>Returns whether a name is valid.</summary>
    /// <param name="name">The name.</param>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length <= MaxLength && name.Split('/').All(IsSegment);
    }

    /// <summary>Throws an exception if the name is invalid.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is invalid.</exception>
    public static void Check(string name)
    {
        if (!IsValid(name))
            throw new ArgumentException($"'{name}' is not a valid name of an object. {Rule}", nameof(name));
    }

    /// <summary>Throws an exception if no valid name starts with the prefix.</summary>
    /// <param name="prefix">The prefix; empty for all names.</param>
    /// <exception cref="ArgumentException">The prefix is invalid.</exception>
    public static void CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!IsValid(prefix) && !IsValid(prefix + "0"))
            throw new ArgumentException($"'{prefix}' is not the start of a name of an object. {Rule}", nameof(prefix));
    }

    /// <summary>Throws an exception if an object is too large.</summary>
    /// <param name="name">The name, for the message.</param>
    /// <param name="bytes">The size of the object in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The object is too large.</exception>
    public static void CheckSize(string name, long bytes)
    {
        if (bytes > MaxObjectBytes)
            throw new ArgumentOutOfRangeException(
                nameof(bytes), $"'{name}' has {bytes:N0} bytes, but an object has at most 64 MiB.");
    }

    private static bool IsSegment(string segment) =>
        segment.Length is > 0 and <= MaxSegmentLength && segment[0] != '.' && segment[^1] != '.'
        && segment.All(character =>
            char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '_' or '.');
}
