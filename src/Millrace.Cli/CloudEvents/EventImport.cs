namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Passes the events of files to an import target. The events of several files are passed in the order of their times
/// and positions, so that files of one log, which overlap in time, keep their times. An event that several files
/// contain is passed once.
/// </summary>
internal sealed class EventImport(IReadOnlyList<EventFileReader> files, IImportTarget target)
{
    private readonly PriorityQueue<(ImportedEvent Event, int File), (DateTimeOffset Time, long Position, int File)>
        _next = new();

    private long _bytes;

    /// <summary>Imports all events.</summary>
    /// <param name="progress">Receives the number of read bytes and lines.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Run(Action<long, long> progress, CancellationToken cancellationToken)
    {
        for (var file = 0; file < files.Count; file++)
            await ReadNext(file, DateTimeOffset.MinValue, cancellationToken);
        var last = default((StreamId Stream, Guid? Id, long? Version));
        var lines = 0L;
        while (_next.TryDequeue(out var next, out var key))
        {
            var line = next.Event;
            var identity = (line.Stream, line.Event?.Id, line.Version);
            if (files.Count > 1 && identity == last)
                target.Counts.Skipped++;
            else
                await target.Add(line, cancellationToken);
            last = identity;
            progress(_bytes, ++lines);
            await ReadNext(next.File, key.Time, cancellationToken);
        }
        await target.Flush(cancellationToken);
    }

    /// <summary>Reads the next event of a file. An event without a time stays after the one before it.</summary>
    private async ValueTask ReadNext(int file, DateTimeOffset lastTime, CancellationToken cancellationToken)
    {
        var before = files[file].BytesRead;
        var read = await files[file].Next(cancellationToken);
        _bytes += files[file].BytesRead - before;
        if (read is { } line)
            _next.Enqueue((line, file), (line.Time ?? lastTime, line.Position ?? 0, file));
    }
}
