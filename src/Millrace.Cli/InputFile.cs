namespace Millrace.Cli;

/// <summary>A file from the command line.</summary>
internal static class InputFile
{
    private const int MaxBytes = EventLimits.LargestPayloadBytes;

    /// <summary>Opens the file for reading.</summary>
    /// <exception cref="CliException">The file does not exist.</exception>
    public static FileStream Open(string path) =>
        File.Exists(path)
            ? File.OpenRead(path)
            : throw new CliException(
                ExitCode.NotFound, $"File '{path}' does not exist.", "Correct the path.");

    /// <summary>Reads a payload from the file.</summary>
    /// <inheritdoc cref="Open"/>
    public static async Task<byte[]> ReadPayload(string path, CancellationToken cancellationToken)
    {
        using var stream = Open(path);
        return await ReadPayload(stream, cancellationToken);
    }

    /// <summary>
    /// Reads at most one byte more than the store accepts, to limit memory. The store rejects a payload that is too
    /// large.
    /// </summary>
    public static async Task<byte[]> ReadPayload(Stream stream, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (buffer.Length <= MaxBytes && await stream.ReadAsync(chunk, cancellationToken) is > 0 and var read)
            buffer.Write(chunk, 0, read);
        return buffer.ToArray();
    }
}
