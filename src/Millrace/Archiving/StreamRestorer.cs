using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>Moves archived contents back to the store. The segments stay.</summary>
internal sealed class StreamRestorer(
    EventStore store, IStorage inner, ArchiveContents contents, ArchiveCommits commits)
{
    private const int PageEvents = 500;
    private const long MaxCommitBytes = 8 * 1024 * 1024;

    private readonly List<RecordedEvent> _events = [];
    private long _bytes;
    private long _restored;

    /// <summary>Restores a stream, also if it was deleted or closed. Returns the number of restored events.</summary>
    /// <exception cref="StreamNotFoundException">The stream never existed.</exception>
    public async Task<long> Restore(StreamId stream, string? by, CancellationToken cancellationToken)
    {
        var head = await inner.Log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        if (head.Version == 0)
            throw new StreamNotFoundException(stream);
        await Scan(stream, by, null, cancellationToken).ConfigureAwait(false);
        return _restored;
    }

    /// <summary>
    /// Restores all events of the log, and records that the segments are unused. Returns the number of restored events.
    /// </summary>
    public async Task<long> RestoreAll(
        string? by, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        // Each commit that adds references to a segment changes its record, so that it is not marked as unused then.
        var archived = new List<ArchiveSegment>();
        await foreach (var segment in commits.Index.ListAll(cancellationToken).ConfigureAwait(false))
        {
            if (segment.State == ArchiveSegmentState.Archived)
                archived.Add(segment);
        }
        await Scan(null, by, progress, cancellationToken).ConfigureAwait(false);
        foreach (var segment in archived)
            await commits.MarkUnused(segment, cancellationToken).ConfigureAwait(false);
        return _restored;
    }

    /// <summary>Restores the events of a stream, or of all streams, in the order of the log.</summary>
    /// <remarks>The log contains the events of deleted and closed streams, which their streams do not.</remarks>
    private async Task Scan(
        StreamId? stream, string? by, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var end = (await inner.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var filter = stream is { } one ? EventFilter.InStreams(one.Value) : EventFilter.All;
        var pages = inner.Log.ReadPages(new LogPageQuery(filter, 1, IsBackwards: false, PageEvents));
        await using var _ = pages.ConfigureAwait(false);
        while (true)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (ArchiveReference.IsIn(recorded) && (stream is null || recorded.Stream == stream))
                    await Add(stream, recorded, by, cancellationToken).ConfigureAwait(false);
            }
            progress?.Report(new MaintenanceProgress(Math.Min(page.Next - 1, end), end, "events"));
            if (page.IsEnd || page.Next > end)
                break;
        }
        await Commit(stream, by, cancellationToken).ConfigureAwait(false);
    }

    private async Task Add(
        StreamId? stream, RecordedEvent recorded, string? by, CancellationToken cancellationToken)
    {
        var full = await contents.Resolve(recorded, cancellationToken).ConfigureAwait(false);
        _events.Add(full.Detached());
        _bytes += full.Payload.Length + full.MetadataBytes.Length;
        if (_bytes >= MaxCommitBytes || _events.Count >= PageEvents)
            await Commit(stream, by, cancellationToken).ConfigureAwait(false);
    }

    private async Task Commit(StreamId? stream, string? by, CancellationToken cancellationToken)
    {
        if (_events.Count == 0)
            return;
        var note = new ArchiveRestoration(stream?.Value, _events.Count, store.Time.GetUtcNow(), by);
        var refusal = await commits.Commit([ArchiveIndex.Put(note)], _events.ToArray(), cancellationToken)
            .ConfigureAwait(false);
        if (refusal is not null)
            throw refusal;
        _restored += _events.Count;
        _events.Clear();
        _bytes = 0;
    }
}
