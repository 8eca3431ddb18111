using System.Text;

namespace Millrace.Cli;

/// <summary>Decodes bytes as text. The encoding is UTF-8, or UTF-16 or UTF-32 with a byte order mark.</summary>
internal static class TextDecoder
{
    private static readonly Encoding Utf8 = new UTF8Encoding(
        encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private static readonly Encoding[] EncodingsWithMark = // UTF-32 first: its mark starts with the mark of UTF-16.
    [
        new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        Utf8,
    ];

    /// <summary>Returns the text in UTF-8 without a byte order mark.</summary>
    /// <exception cref="CliException">The bytes are not valid in the encoding of their mark, or not UTF-8 without a
    /// mark.</exception>
    public static byte[] ToUtf8(byte[] bytes, string source)
    {
        var encoding = EncodingOf(bytes);
        try
        {
            var text = encoding.GetString(bytes.AsSpan(MarkBytes(encoding, bytes)));
            return Utf8.GetBytes(text);
        }
        catch (ArgumentException exception) // Thrown by a decoder or an encoder.
        {
            throw new CliException(
                ExitCode.Usage,
                $"{source} is not text in {encoding.WebName}: {exception.Message}",
                "Store the text in UTF-8.");
        }
    }

    /// <summary>Returns true when bytes start with a byte order mark.</summary>
    public static bool HasByteOrderMark(byte[] bytes) =>
        Array.Exists(EncodingsWithMark, one => bytes.AsSpan().StartsWith(one.Preamble));

    /// <summary>Reads a text file.</summary>
    /// <exception cref="CliException">The file does not exist, or is not text.</exception>
    public static async Task<string> ReadFile(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new CliException(
                ExitCode.NotFound, $"File '{path}' does not exist.", "Correct the path.");
        var bytes = await File.ReadAllBytesAsync(path, cancellationToken);
        return Encoding.UTF8.GetString(ToUtf8(bytes, $"'{path}'"));
    }

    private static Encoding EncodingOf(byte[] bytes) =>
        Array.Find(EncodingsWithMark, one => bytes.AsSpan().StartsWith(one.Preamble)) ?? Utf8;

    private static int MarkBytes(Encoding encoding, byte[] bytes) =>
        bytes.AsSpan().StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0;
}
