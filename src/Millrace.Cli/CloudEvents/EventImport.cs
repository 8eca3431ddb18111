namespace Millrace.Cli.CloudEvents;

/// <summary>Reads the events of a file and passes each to an import target.</summary>
internal sealed class EventImport(CloudEventReader reader, IImportTarget target)
{
    // A payload of 16 MiB in base 64, with its attributes.
    private const int MaxObjectBytes = 24 * 1024 * 1024;

    public async Task Run(Stream input, Action<long, long> progress, CancellationToken cancellationToken)
    {
        var objects = new JsonObjectSplitter(input, MaxObjectBytes);
        while (await Next(objects, cancellationToken) is { IsEmpty: false } json)
        {
            await target.Add(reader.Read(json, objects.Line), cancellationToken);
            progress(objects.BytesRead, objects.Line);
        }
        await target.Flush(cancellationToken);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> Next(
        JsonObjectSplitter objects, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.Next(cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new ImportException(
                objects.Line, "from here on the file is incomplete: its compressed bytes are damaged.", exception);
        }
    }
}
