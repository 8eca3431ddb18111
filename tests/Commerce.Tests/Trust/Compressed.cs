using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Commerce.Tests.Trust;

/// <summary>
/// Finds and reads compressed content: gzip and zlib anywhere in bytes by their headers, and Brotli and deflate, which
/// have no header, if all the bytes are one stream. No component of the shop uses Zstandard.
/// </summary>
internal static class Compressed
{
    private const int MaxReads = 512;
    private const int MinBytes = 8;
    private const int MinToken = 24;
    private const int MaxToken = 8 * 1024;

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>Reads the parts with a header, in any bytes.</summary>
    public static IEnumerable<(string Format, byte[] Bytes)> ReadParts(ReadOnlyMemory<byte> bytes)
    {
        for (var start = 0; start < bytes.Length - 2; start++)
        {
            var (first, second) = (bytes.Span[start], bytes.Span[start + 1]);
            if (first == 0x1F && second == 0x8B && bytes.Span[start + 2] == 8
                && Read(bytes[start..], stream => new GZipStream(stream, CompressionMode.Decompress)) is { } unzipped)
                yield return ("gzip", unzipped);
            if (first == 0x78 && second is (0x01 or 0x5E or 0x9C or 0xDA)
                && Read(bytes[start..], stream => new ZLibStream(stream, CompressionMode.Decompress)) is { } inflated)
                yield return ("zlib", inflated);
        }
    }

    /// <summary>Reads a body that may be one compressed stream.</summary>
    public static IEnumerable<(string Format, byte[] Bytes)> ReadBody(ReadOnlyMemory<byte> bytes)
    {
        if (Read(bytes, stream => new BrotliStream(stream, CompressionMode.Decompress)) is { } brotli)
            yield return ("brotli", brotli);
        if (Read(bytes, stream => new DeflateStream(stream, CompressionMode.Decompress)) is { } deflated)
            yield return ("deflate", deflated);
    }

    /// <summary>Reads tokens of Base64Url, as in addresses, whose bytes are plain or compressed.</summary>
    public static IEnumerable<(string Format, byte[] Bytes)> ReadTokens(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Span.IndexOfAny(TokenBytes) is >= 0 and var start)
        {
            bytes = bytes[start..];
            var length = bytes.Span.IndexOfAnyExcept(TokenBytes);
            var token = length < 0 ? bytes : bytes[..length];
            bytes = bytes[token.Length..];
            if (token.Length is < MinToken or > MaxToken || Decode(token.Span) is not { } decoded)
                continue;
            yield return ("plain", decoded);
            foreach (var part in ReadBody(decoded).Concat(ReadParts(decoded)))
                yield return part;
        }
    }

    private static byte[]? Decode(ReadOnlySpan<byte> token)
    {
        try
        {
            return Base64Url.DecodeFromUtf8(token);
        }
        catch (FormatException)
        {
            return null; // The text only looks encoded.
        }
    }

    /// <summary>Reads as much as can be decompressed; null for too little: most bytes are not compressed.</summary>
    private static byte[]? Read(ReadOnlyMemory<byte> bytes, Func<Stream, Stream> open)
    {
        using var output = new MemoryStream();
        var buffer = new byte[8_192];
        try
        {
            if (!MemoryMarshal.TryGetArray(bytes, out var array))
                throw new ArgumentException("The bytes are not in an array.", nameof(bytes));
            using var stream = open(new MemoryStream(array.Array!, array.Offset, array.Count, writable: false));
            for (var reads = 0; reads < MaxReads && stream.Read(buffer) is > 0 and var read; reads++)
                output.Write(buffer, 0, read);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or InvalidOperationException)
        {
            // The end is damaged, or the bytes only look compressed.
        }
        return output.Length >= MinBytes ? output.ToArray() : null;
    }
}
