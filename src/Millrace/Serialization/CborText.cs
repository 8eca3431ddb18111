using System.Text;
using System.Text.Unicode;

namespace Millrace.Serialization;

/// <summary>Texts and bytes, in one part or in several.</summary>
internal static class CborText
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a text as UTF-8; anything else is left where it is.</summary>
    public static bool TryRead(ref CborReader reader, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (reader.Peek() >> 5 != CborMajor.Text)
            return false;
        text = Read(ref reader, CborMajor.Text);
        return true;
    }

    /// <summary>Reads a text as a string; anything else is left where it is.</summary>
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
        var place = reader.Offset;
        var bytes = reader.Take(reader.ReadHead().Argument);
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(place);
        }
    }

    /// <summary>Reads what a text or bytes hold. Only those in several parts are copied.</summary>
    public static ReadOnlySpan<byte> Read(ref CborReader reader, int major)
    {
        var place = reader.Offset;
        var head = reader.ReadHead();
        if (!head.IsIndefinite)
        {
            var whole = reader.Take(head.Argument);
            return major == CborMajor.Bytes || Utf8.IsValid(whole) ? whole : throw Invalid(place);
        }
        using var parts = new MemoryStream();
        while (!reader.TryBreak())
        {
            var part = reader.Chunk(major);
            if (major == CborMajor.Text && !Utf8.IsValid(part))
                throw Invalid(place);
            parts.Write(part);
        }
        return parts.ToArray();
    }

    private static MalformedCborException Invalid(int place) => new("a text is not UTF-8", place);
}
