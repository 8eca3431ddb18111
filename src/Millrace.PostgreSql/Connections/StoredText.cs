using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>Texts that PostgreSQL can hold: without NUL and without halves of surrogate pairs.</summary>
internal static class StoredText
{
    private const string Mark = "\uE000";
    private const string EscapedNul = Mark + "0";
    private const string EscapedMark = Mark + "1";

    /// <summary>Refuses a text that would come back as another.</summary>
    /// <exception cref="StorageException">It cannot be stored.</exception>
    public static string Check(string text) =>
        IsStorable(text)
            ? text
            : throw new StorageException(
                "PostgreSQL stores no text with a NUL character or half of a surrogate pair, as a key or a field of a "
                    + "document has here.",
                StorageProblem.Other);

    /// <summary>
    /// A text for people, which may hold anything: a NUL is written as two characters, and half of a pair as what
    /// stands for unreadable ones.
    /// </summary>
    public static string? Escape(string? text)
    {
        if (text is null || (IsStorable(text) && !text.Contains(Mark, StringComparison.Ordinal)))
            return text;
        var whole = string.Concat(text.EnumerateRunes());
        return whole
            .Replace(Mark, EscapedMark, StringComparison.Ordinal)
            .Replace("\0", EscapedNul, StringComparison.Ordinal);
    }

    /// <summary>What <see cref="Escape"/> was given.</summary>
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
