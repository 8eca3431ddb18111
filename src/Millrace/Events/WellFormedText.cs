using System.Text;

namespace Millrace.Events;

/// <summary>
/// The rule for all texts that are stored as text. A text must not contain NUL or half of a surrogate pair, which would
/// be read back as another character.
/// </summary>
internal static class WellFormedText
{
    private const string LoneSurrogate = "it contains half of a surrogate pair";

    /// <summary>Returns the problem of a text; null if the text can be stored.</summary>
    public static string? Problem(string text, int maxLength)
    {
        if (text.Length > maxLength)
            return $"it is longer than {maxLength} characters";
        if (text.Contains('\0', StringComparison.Ordinal))
            return "it contains a NUL character";
        return HasLoneSurrogate(text) ? LoneSurrogate : null;
    }

    /// <summary>Throws an exception if a text cannot be stored.</summary>
    /// <exception cref="InvalidNameException">The text is too long or not well formed.</exception>
    public static void Check(string kind, string? text, int maxLength)
    {
        if (text is not null && Problem(text, maxLength) is { } problem)
            throw new InvalidNameException(kind, text, problem);
    }

    /// <summary>Throws an exception if a text would be read back with other characters.</summary>
    /// <exception cref="InvalidNameException">The text contains half of a surrogate pair.</exception>
    public static void CheckPairs(string kind, string? text)
    {
        if (HasLoneSurrogate(text))
            throw new InvalidNameException(kind, text!, LoneSurrogate); // A null text has no surrogates.
    }

    /// <summary>Returns whether a text contains half of a surrogate pair.</summary>
    public static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAnyInRange('\ud800', '\udfff') is >= 0 and var index)
        {
            if (Rune.DecodeFromUtf16(text[index..], out _, out var length) != System.Buffers.OperationStatus.Done)
                return true;
            text = text[(index + length)..];
        }
        return false;
    }
}
