using System.Text;

namespace Millrace;

/// <summary>
/// The rule for every text that is stored as text: no NUL, and no half of a surrogate pair, which would come back as
/// another character.
/// </summary>
internal static class WellFormedText
{
    private const string LoneSurrogate = "it holds half of a surrogate pair";

    /// <summary>Says what is wrong with a text, or null.</summary>
    public static string? Problem(string text, int most)
    {
        if (text.Length > most)
            return $"it is longer than {most} characters";
        if (text.Contains('\0', StringComparison.Ordinal))
            return "it holds a NUL character";
        return HasLoneSurrogate(text) ? LoneSurrogate : null;
    }

    /// <summary>Refuses a text that cannot be stored.</summary>
    /// <exception cref="InvalidNameException">The text is too long or not well formed.</exception>
    public static void Check(string kind, string? text, int most)
    {
        if (text is not null && Problem(text, most) is { } problem)
            throw new InvalidNameException(kind, text, problem);
    }

    /// <summary>Refuses a text that would come back as another, where any other text is kept.</summary>
    /// <exception cref="InvalidNameException">The text holds half of a surrogate pair.</exception>
    public static void CheckPairs(string kind, string? text)
    {
        if (HasLoneSurrogate(text))
            throw new InvalidNameException(kind, text!, LoneSurrogate); // Null holds none.
    }

    /// <summary>Whether a text holds half of a surrogate pair.</summary>
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
