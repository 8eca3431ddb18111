using System.Text;

namespace Millrace.PostgreSql;

/// <summary>The texts that begin with a prefix, as a range in the order of code points, which is that of
/// bytes.</summary>
internal static class TextRange
{
    private const int LastScalar = 0x10FFFF;
    private const int BeforeSurrogates = 0xD7FF;
    private const int AfterSurrogates = 0xE000;

    /// <summary>The least such text, and the least one after them all; null when nothing comes after.</summary>
    public static (string Low, string? End) Of(string prefix)
    {
        // Half a character: whatever whole ones begin with it.
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
