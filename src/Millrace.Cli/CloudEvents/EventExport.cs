using Millrace.Shared.CloudEvents;

using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Writes the log as CloudEvents. The deletion of a stream is written after the events that it removed.
/// </summary>
internal sealed class EventExport(OpenStore open, EventFilter filter, ReplayOptions options, bool asJson = false)
{
    private readonly Dictionary<StreamId, Queue<RemovalRecord>> _removals = [];

    public long Events { get; private set; }

    public long Removals { get; private set; }

    /// <summary>
    /// Gets the number of events that were removed from exported streams. The file does not contain them.
    /// </summary>
    public long Missing { get; private set; }

    public async Task Run(Stream output, CancellationToken cancellationToken)
    {
        var writer = new CloudEventWriter(output, asJson);
        // An export with a filter, or of a part of the log, contains only events and no deletions of streams.
        if (filter.IsAll && options.After == 0 && options.To is null)
            await ReadRemovals(cancellationToken);
        await open.Store.Replay(
            filter,
            (recorded, _) =>
            {
                WriteRemovals(writer, recorded.Stream, before: recorded.Version);
                writer.Write(recorded);
                Events++;
                return ValueTask.CompletedTask;
            },
            options,
            cancellationToken);
        foreach (var stream in _removals.Keys.ToList())
            WriteRemovals(writer, stream, before: long.MaxValue);
        await output.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Returns true when a removal precedes a version. A closed stream has no later events, but a deleted stream can be
    /// started again.
    /// </summary>
    private static bool IsBefore(RemovalRecord removal, long version) =>
        version == long.MaxValue || (removal.Kind == RemovalKind.Delete && removal.ToVersion < version);

    private async Task ReadRemovals(CancellationToken cancellationToken)
    {
        foreach (var removal in await open.Store.ListRemovals(cancellationToken: cancellationToken))
        {
            Missing += removal.Events;
            if (removal.Kind == RemovalKind.Truncate)
                continue;
            if (!_removals.TryGetValue(removal.Stream, out var queue))
                _removals[removal.Stream] = queue = [];
            queue.Enqueue(removal);
        }
    }

    private void WriteRemovals(CloudEventWriter writer, StreamId stream, long before)
    {
        if (_removals.Count == 0 || !_removals.TryGetValue(stream, out var queue))
            return;
        while (queue.TryPeek(out var removal) && IsBefore(removal, before))
        {
            writer.Write(queue.Dequeue());
            Removals++;
        }
        if (queue.Count == 0)
            _removals.Remove(stream);
    }
}
