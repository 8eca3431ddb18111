using System.IO.Compression;
using System.Security.Cryptography;

namespace Millrace.WebConsole;

/// <summary>A built file of the page. It is compressed once, when it is first requested.</summary>
internal sealed class ConsoleFile
{
    private const int BrotliQuality = 9;

    private readonly byte[] _content;
    private readonly Lazy<byte[]> _gzip;
    private readonly Lazy<byte[]> _brotli;

    public ConsoleFile(string name, byte[] content)
    {
        _content = content;
        ContentType = TypeOf(name);
        ETag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"";
        _gzip = new Lazy<byte[]>(() => Compress(static to => new GZipStream(to, CompressionLevel.SmallestSize)));
        var brotli = new BrotliCompressionOptions { Quality = BrotliQuality };
        _brotli = new Lazy<byte[]>(() => Compress(to => new BrotliStream(to, brotli)));
    }

    public string ContentType { get; }

    public string ETag { get; }

    /// <summary>Returns the content in an encoding of HTTP; plain for an empty text.</summary>
    public ReadOnlyMemory<byte> Content(string encoding) => encoding switch
    {
        "br" => _brotli.Value,
        "gzip" => _gzip.Value,
        _ => _content,
    };

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".html" => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        using var compressed = new MemoryStream();
        using (var stream = compressor(compressed))
            stream.Write(_content);
        return compressed.ToArray();
    }
}
