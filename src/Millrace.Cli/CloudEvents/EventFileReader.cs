namespace Millrace.Cli.CloudEvents;

/// <summary>Reads the events of one file in order.</summary>
/// <param name="input">The content. The reader disposes it.</param>
/// <param name="reader">Parses an event.</param>
/// <param name="file">The name for messages; null if only one file is imported.</param>
internal sealed class EventFileReader(Stream input, CloudEventReader reader, string? file) : IAsyncDisposable
{
    // A payload of 16 MiB in base 64, with its attributes.
    private const int MaxObjectBytes = 24 * 1024 * 1024;

    private readonly JsonObjectSplitter _objects = new(input, MaxObjectBytes);

    /// <summary>Gets the size of the file; 0 if it is not known.</summary>
    public long TotalBytes { get; } = input is FileStream { CanSeek: true } seekable ? seekable.Length : 0;

    public long BytesRead => _objects.BytesRead;

    /// <summary>Returns the next event; null at the end of the file.</summary>
    /// <exception cref="ImportException">The next event cannot be read.</exception>
    public async ValueTask<ImportedEvent?> Next(CancellationToken cancellationToken)
    {
        try
        {
            var json = await _objects.Next(cancellationToken);
            return json.IsEmpty ? null : reader.Read(json, new ImportLine(_objects.Line, file));
        }
        catch (InvalidDataException exception)
        {
            throw new ImportException(
                new(_objects.Line, file),
                "from here on the file is incomplete: its compressed bytes are damaged.",
                exception);
        }
        catch (ImportException exception) when (file is not null)
        {
            throw new ImportException(
                new(exception.Line.Number, file), exception.Problem, exception.InnerException);
        }
    }

    public ValueTask DisposeAsync() => input.DisposeAsync();
}
