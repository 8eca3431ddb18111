using System.Text;
using System.Text.Unicode;

namespace Millrace.Serialization;

/// <summary>Reads texts and bytes, in one or more chunks.</summary>
internal static class CborText
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a text as UTF-8. If the next item is not a text, the method reads nothing.</summary>
    public static bool TryRead(ref CborReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (reader.Peek() >> 5 != CborMajor.Text)
            return false;
        text = Read(ref reader, CborMajor.Text);
        return true;
    }

    /// <summary>Reads a text as a string. If the next item is not a text, the method reads nothing.</summary>
    public static bool TryRead(ref CborReader reader, out string text)
    {
        text = "";
        var first = reader.Peek();
        if (first >> 5 != CborMajor.Text)
            return false;
        if (first == 0x7f)
        {
            text = Strict.GetString(Read(ref reader, CborMajor.Text));
            return true;
        }
        var start = reader.Offset;
        var bytes = reader.Take(reader.ReadHead().Argument);
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(start);
        }
    }

    /// <summary>Reads the content of a text or of bytes. Only content in several chunks is copied.</summary>
    public static ReadOnlySpan<byte> Read(ref CborReader reader, int major)
    {
        var start = reader.Offset;
        var head = reader.ReadHead();
        if (!head.IsIndefinite)
        {
            var bytes = reader.Take(head.Argument);
            return major == CborMajor.Bytes || Utf8.IsValid(bytes) ? bytes : throw Invalid(start);
        }
        using var parts = new MemoryStream();
        while (!reader.TryBreak())
        {
            var part = reader.Chunk(major);
            if (major == CborMajor.Text && !Utf8.IsValid(part))
                throw Invalid(start);
            parts.Write(part);
        }
        return parts.ToArray();
    }

    private static MalformedCborException Invalid(int offset) => new("a text is not UTF-8", offset);
}
