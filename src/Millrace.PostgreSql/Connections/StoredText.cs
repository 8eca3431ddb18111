using Millrace.Storage;

namespace Millrace.PostgreSql.Connections;

/// <summary>Checks and escapes text for PostgreSQL, which stores neither NUL characters nor lone surrogates.</summary>
internal static class StoredText
{
    private const string Mark = "\uE000";
    private const string EscapedNul = Mark + "0";
    private const string EscapedMark = Mark + "1";

    /// <summary>Returns the text, or throws if it would change when stored.</summary>
    /// <exception cref="StorageException">The text cannot be stored.</exception>
    public static string Check(string text) =>
        IsStorable(text)
            ? text
            : throw new StorageException(
                "PostgreSQL stores no text with a NUL character or half of a surrogate pair, as a key or a field of a "
                    + "document has here.",
                StorageProblem.Other);

    /// <summary>
    /// Escapes a text for display, which may contain any character: a NUL becomes two characters, and a lone surrogate
    /// becomes the replacement character.
    /// </summary>
    public static string? Escape(string? text)
    {
        if (text is null || (IsStorable(text) && !text.Contains(Mark, StringComparison.Ordinal)))
            return text;
        var valid = string.Concat(text.EnumerateRunes());
        return valid
            .Replace(Mark, EscapedMark, StringComparison.Ordinal)
            .Replace("\0", EscapedNul, StringComparison.Ordinal);
    }

    /// <summary>Restores the text that <see cref="Escape"/> received.</summary>
    public static string? Unescape(string? text) => text is null || !text.Contains(Mark, StringComparison.Ordinal)
        ? text
        : text.Replace(EscapedNul, "\0", StringComparison.Ordinal).Replace(EscapedMark, Mark, StringComparison.Ordinal);

    private static bool IsStorable(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
                return false;
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }
        return true;
    }
}
