using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Millrace.Sqlite.Driver;

/// <summary>
/// Encodes text as SQLite stores it: UTF-8 with lone surrogates in generalized form, so that two different texts are
/// never stored as the same bytes.
/// </summary>
internal static class Utf8Text
{
    private const char FirstSurrogate = '\uD800';
    private const char LastSurrogate = '\uDFFF';

    /// <summary>Returns the maximum number of bytes for a text with the given number of characters.</summary>
    public static int MaxBytes(int characters) => characters * 3;

    /// <summary>Writes the text, and returns the number of bytes written.</summary>
    public static int Encode(string text, Span<byte> destination)
    {
        var status = Utf8.FromUtf16(text, destination, out _, out var written, replaceInvalidSequences: false);
        return status == OperationStatus.Done ? written : EncodeWithLoneSurrogates(text, destination);
    }

    /// <summary>Reads text that <see cref="Encode"/> wrote.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "";
        if (Ascii.IsValid(bytes))
            return Encoding.ASCII.GetString(bytes);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : DecodeWithLoneSurrogates(bytes);
    }

    private static int EncodeWithLoneSurrogates(string text, Span<byte> destination)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (Rune.TryGetRuneAt(text, i, out var rune))
            {
                length += rune.EncodeToUtf8(destination[length..]);
                i += rune.Utf16SequenceLength - 1;
                continue;
            }
            var half = text[i];
            destination[length++] = (byte)(0xE0 | (half >> 12));
            destination[length++] = (byte)(0x80 | ((half >> 6) & 0x3F));
            destination[length++] = (byte)(0x80 | (half & 0x3F));
        }
        return length;
    }

    private static string DecodeWithLoneSurrogates(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[consumed..];
                continue;
            }
            var half =
                bytes.Length < 3
                    ? '\0'
                    : (char)(((bytes[0] & 0x0F) << 12) | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F));
            var isHalf = half is >= FirstSurrogate and <= LastSurrogate;
            text.Append(isHalf ? half : '\uFFFD');
            bytes = bytes[(isHalf ? 3 : Math.Max(consumed, 1))..];
        }
        return text.ToString();
    }
}
