namespace Millrace.Cli;

/// <summary>A file that was named on the command line.</summary>
internal static class InputFile
{
    private const int MaxBytes = EventLimits.LargestPayloadBytes;

    /// <summary>Opens it to be read.</summary>
    /// <exception cref="CliException">It is not there.</exception>
    public static FileStream Open(string path) =>
        File.Exists(path)
            ? File.OpenRead(path)
            : throw new CliException(
                ExitCode.NotFound, $"There is no file '{path}'.", "Correct its name, or where it lies.");

    /// <summary>Reads the payload that it holds.</summary>
    /// <inheritdoc cref="Open"/>
    public static async Task<byte[]> ReadPayload(string path, CancellationToken cancellationToken)
    {
        using var stream = Open(path);
        return await ReadPayload(stream, cancellationToken);
    }

    /// <summary>Reads one byte more than can be stored, so that the store refuses it by its own limit and memory stays
    /// bounded.</summary>
    public static async Task<byte[]> ReadPayload(Stream stream, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (buffer.Length <= MaxBytes && await stream.ReadAsync(chunk, cancellationToken) is > 0 and var read)
            buffer.Write(chunk, 0, read);
        return buffer.ToArray();
    }
}
