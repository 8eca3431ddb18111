using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Millrace.Protection;

/// <summary>
/// The text that replaces an encrypted value: <c>~enc1.KEY.DATA</c>, or <c>~enc1.KEY.DATA.ERASED</c> if an erased value
/// has another JSON value than <see cref="DefaultErased"/>. KEY is the id of the data key. DATA is the output of
/// <see cref="PlaceCipher"/>, and ERASED the JSON value after erasure, both in base64url.
/// </summary>
internal readonly record struct CipherText(string KeyId, ReadOnlyMemory<byte> Data, string ErasedJson)
{
    public const string DefaultErased = "\"[erased]\"";

    /// <summary>The number of characters of a key id.</summary>
    public const int KeyIdLength = 22;

    private const byte Separator = (byte)'.';
    /// <summary>The maximum number of bytes of the JSON value after erasure.</summary>
    public const int MaxErasedBytes = 1_000;

    /// <summary>Gets the start of every encrypted value.</summary>
    public static ReadOnlySpan<byte> Prefix => "~enc1."u8;

    /// <summary>Returns the text in ASCII.</summary>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output, KeyId, Data.Span, ErasedJson);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes the text in ASCII.</summary>
    public static void Write(IBufferWriter<byte> output, string keyId, ReadOnlySpan<byte> data, string erasedJson)
    {
        var start = Prefix.Length + KeyIdLength + 1;
        var text = output.GetSpan(start + Base64Url.GetEncodedLength(data.Length));
        Prefix.CopyTo(text);
        Encoding.ASCII.GetBytes(keyId, text[Prefix.Length..]);
        text[start - 1] = Separator;
        output.Advance(start + Base64Url.EncodeToUtf8(data, text[start..]));
        if (erasedJson == DefaultErased)
            return;
        var erased = Encoding.UTF8.GetBytes(erasedJson);
        text = output.GetSpan(1 + Base64Url.GetEncodedLength(erased.Length));
        text[0] = Separator;
        output.Advance(1 + Base64Url.EncodeToUtf8(erased, text[1..]));
    }

    /// <summary>Parses a text; null if the bytes are not an encrypted value.</summary>
    /// <param name="text">The bytes.</param>
    /// <param name="expectedKeyId">A key id that the text probably has; null for none.</param>
    public static CipherText? TryParse(ReadOnlySpan<byte> text, string? expectedKeyId = null)
    {
        if (!text.StartsWith(Prefix))
            return null;
        var rest = text[Prefix.Length..];
        if (rest.Length <= KeyIdLength || rest[KeyIdLength] != Separator)
            return null;
        var key = rest[..KeyIdLength];
        var data = rest[(KeyIdLength + 1)..];
        var erased = DefaultErased;
        if (data.IndexOf(Separator) is >= 0 and var end)
        {
            if (Decode(data[(end + 1)..]) is not { } json || json.Length > MaxErasedBytes)
                return null;
            erased = Encoding.UTF8.GetString(json);
            data = data[..end];
        }
        if (Decode(data) is not { } bytes)
            return null;
        if (expectedKeyId is not null && Ascii.Equals(key, expectedKeyId))
            return new CipherText(expectedKeyId, bytes, erased);
        return Base64Url.IsValid(key) ? new CipherText(Encoding.ASCII.GetString(key), bytes, erased) : null;
    }

    private static byte[]? Decode(ReadOnlySpan<byte> text) =>
        Base64Url.IsValid(text) ? Base64Url.DecodeFromUtf8(text) : null;
}
