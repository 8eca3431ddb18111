using System.IO.Compression;

namespace Millrace.Cli.CloudEvents;

/// <summary>Opens files of events: standard input and output for none or '-', compressed when the name or an option
/// says so.</summary>
internal static class EventFile
{
    private const int BufferBytes = 256 * 1024;

    public static Stream Read(string? file, bool isGzip)
    {
        // A name is no standard stream.
        var bytes = IsStandard(file) ? Console.OpenStandardInput() : InputFile.Open(file!);
        return IsCompressed(file, isGzip) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
    }

    /// <summary>A file that is written under another name until it is whole; one that is there is somebody's, and is
    /// left alone.</summary>
    /// <exception cref="IOException">It is there.</exception>
    public static Stream Write(string unfinished, bool isCompressed)
    {
        var bytes = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        return isCompressed ? new GZipStream(bytes, CompressionLevel.Fastest) : bytes;
    }

    public static bool IsStandard(string? file) => file is null or "-";

    public static bool IsCompressed(string? file, bool isGzip) => isGzip
        || (file?.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ?? false);
}
