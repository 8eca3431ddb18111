using System.IO.Compression;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Opens event files. No name or '-' means standard input or output. A file is compressed when its name or an option
/// says so.
/// </summary>
internal static class EventFile
{
    private const int BufferBytes = 256 * 1024;

    public static Stream Read(string? file, bool isGzip)
    {
        // A file name is given.
        var bytes = IsStandard(file) ? Console.OpenStandardInput() : InputFile.Open(file!);
        return IsCompressed(file, isGzip) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
    }

    /// <summary>
    /// Creates a file under a temporary name, which is kept until the file is complete. An existing file belongs to
    /// another program and is not changed.
    /// </summary>
    /// <exception cref="IOException">The file exists.</exception>
    public static Stream Write(string unfinished, bool isCompressed)
    {
        var bytes = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        return isCompressed ? new GZipStream(bytes, CompressionLevel.Fastest) : bytes;
    }

    public static bool IsStandard(string? file) => file is null or "-";

    public static bool IsCompressed(string? file, bool isGzip) => isGzip
        || (file?.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ?? false);
}
