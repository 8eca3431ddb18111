using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>
/// The events of the segments that were used last, up to a number of bytes. Callers that need the same segment share
/// one read. Thread-safe.
/// </summary>
/// <param name="maxBytes">The maximum size of the payloads and metadata. The last segment is kept even if it is
/// larger.</param>
/// <param name="read">Reads a segment.</param>
/// <param name="reads">Counts the segments that were in memory; null for none.</param>
internal sealed class SegmentCache(
    long maxBytes,
    Func<long, CancellationToken, Task<IReadOnlyList<RecordedEvent>>> read,
    ArchiveReads? reads = null)
{
    private const long BytesPerEvent = 400;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, LinkedListNode<Entry>> _segments = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _bytes;

    /// <summary>Returns the events of a segment.</summary>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Get(long number, CancellationToken cancellationToken)
    {
        var entry = FindOrAdd(number);
        try
        {
            return await entry.Events.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch when (entry.Events.Value is { IsCompleted: true, IsCompletedSuccessfully: false })
        {
            Forget(number, entry); // The next caller reads the segment again.
            throw;
        }
    }

    private Entry FindOrAdd(long number)
    {
        lock (_lock)
        {
            if (_segments.TryGetValue(number, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                reads?.Hit();
                return node.Value;
            }
            var entry = new Entry(number);
            entry.Events = new Lazy<Task<IReadOnlyList<RecordedEvent>>>(() => Read(entry));
            _segments.Add(number, _byUse.AddFirst(entry));
            return entry;
        }
    }

    /// <summary>Reads a segment for all callers that wait for it, so that none of them can cancel the read.</summary>
    private async Task<IReadOnlyList<RecordedEvent>> Read(Entry entry)
    {
        using var limit = new CancellationTokenSource(ReadTimeout);
        IReadOnlyList<RecordedEvent> events;
        try
        {
            events = await read(entry.Number, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) // By the limit or the place: callers cannot cancel the read.
        {
            throw new ObjectStorageException(
                $"Segment {entry.Number} of the archive could not be read within {ReadTimeout}. Check its place.",
                ObjectStorageProblem.Unavailable,
                exception);
        }
        var bytes = events.Sum(static one => one.Payload.Length + one.MetadataBytes.Length + BytesPerEvent);
        lock (_lock)
        {
            if (_segments.TryGetValue(entry.Number, out var node) && node.Value == entry)
            {
                entry.Bytes = bytes;
                _bytes += bytes;
                while (_bytes > maxBytes && _byUse.Count > 1)
                    Remove(_byUse.Last!); // At least two.
            }
        }
        return events;
    }

    private void Forget(long number, Entry entry)
    {
        lock (_lock)
        {
            if (_segments.TryGetValue(number, out var node) && node.Value == entry)
                Remove(node);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _segments.Remove(node.Value.Number);
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private sealed class Entry(long number)
    {
        public long Number => number;

        public Lazy<Task<IReadOnlyList<RecordedEvent>>> Events { get; set; } = null!; // Set at once.

        public long Bytes { get; set; }
    }
}
