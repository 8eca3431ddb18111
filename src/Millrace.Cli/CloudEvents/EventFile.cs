using System.IO.Compression;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Opens files with events. A missing name or '-' means standard input or output. A file is compressed if its name ends
/// in .gz or if an option requests it.
/// </summary>
internal static class EventFile
{
    private const int BufferBytes = 256 * 1024;

    public static Stream Read(string? file, bool isGzip)
    {
        // The name is not null here.
        var bytes = IsStandard(file) ? Console.OpenStandardInput() : InputFile.Open(file!);
        return IsCompressed(file, isGzip) ? new GZipStream(bytes, CompressionMode.Decompress) : bytes;
    }

    /// <summary>
    /// Creates a file with a temporary name. The caller renames the file when it is complete. An existing file with
    /// this name may belong to another program and is not changed.
    /// </summary>
    /// <exception cref="IOException">The file exists.</exception>
    public static Stream Write(string temporaryPath, bool isCompressed)
    {
        var bytes = new FileStream(temporaryPath, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        return isCompressed ? new GZipStream(bytes, CompressionLevel.Fastest) : bytes;
    }

    public static bool IsStandard(string? file) => file is null or "-";

    public static bool IsCompressed(string? file, bool isGzip) => isGzip
        || (file?.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ?? false);
}
