using System.Text;

namespace Millrace.PostgreSql.Connections;

/// <summary>The texts with a given prefix, as a range in code point order, which is the order of their bytes.</summary>
internal static class TextRange
{
    private const int LastScalar = 0x10FFFF;
    private const int BeforeSurrogates = 0xD7FF;
    private const int AfterSurrogates = 0xE000;

    /// <summary>
    /// Returns the first text with the prefix, and the first text after all of them; null when no text comes after.
    /// </summary>
    public static (string Low, string? End) Of(string prefix)
    {
        // A lone high surrogate matches every character that starts with it.
        return prefix.Length > 0 && char.IsHighSurrogate(prefix[^1])
            ? (prefix + '\uDC00', Successor(prefix + '\uDFFF'))
            : (prefix, Successor(prefix));
    }

    private static string? Successor(string text)
    {
        while (text.Length > 0)
        {
            if (Rune.DecodeLastFromUtf16(text, out var last, out var length) != System.Buffers.OperationStatus.Done)
                return null;
            text = text[..^length];
            if (last.Value < LastScalar)
                return text + new Rune(last.Value == BeforeSurrogates ? AfterSurrogates : last.Value + 1);
        }
        return null;
    }
}
