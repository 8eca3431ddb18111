using System.Buffers.Text;
using System.Text;

namespace Millrace.Protection;

/// <summary>
/// The text that replaces an encrypted value: <c>~enc1.KEY.DATA</c>, or <c>~enc1.KEY.DATA.ERASED</c> if an erased value
/// has another JSON value than <see cref="DefaultErased"/>. KEY is the id of the data key. DATA is the nonce (12
/// bytes), the encrypted JSON value and the tag (16 bytes), and ERASED the JSON value after erasure, both in base64url.
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
        var erased = ErasedJson == DefaultErased
            ? ""
            : "." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(ErasedJson));
        var start = Prefix.Length + KeyIdLength + 1;
        var text = new byte[start + Base64Url.GetEncodedLength(Data.Length) + erased.Length];
        Prefix.CopyTo(text);
        Encoding.ASCII.GetBytes(KeyId, text.AsSpan(Prefix.Length));
        text[start - 1] = Separator;
        var written = Base64Url.EncodeToUtf8(Data.Span, text.AsSpan(start));
        Encoding.ASCII.GetBytes(erased, text.AsSpan(start + written));
        return text;
    }

    /// <summary>Parses a text; null if the bytes are not an encrypted value.</summary>
    public static CipherText? TryParse(ReadOnlySpan<byte> text)
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
        return Decode(data) is { } bytes && Base64Url.IsValid(key)
            ? new CipherText(Encoding.ASCII.GetString(key), bytes, erased)
            : null;
    }

    private static byte[]? Decode(ReadOnlySpan<byte> text) =>
        Base64Url.IsValid(text) ? Base64Url.DecodeFromUtf8(text) : null;
}
