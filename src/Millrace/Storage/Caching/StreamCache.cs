namespace Millrace.Storage.Caching;

/// <summary>The streams that were read last, up to a number of bytes.</summary>
internal sealed class StreamCache(long maxBytes) : ILogCopy
{
    private const int RecentEvents = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<StreamId, LinkedListNode<(StreamId Stream, CachedStream Events)>> _streams = [];
    private readonly LinkedList<(StreamId Stream, CachedStream Events)> _byUse = [];

    // The last events, so that a page that was read before them is not taken for the whole stream.
    private readonly Dictionary<StreamId, long> _recent = [];
    private readonly Queue<(StreamId Stream, long Position)> _recentOrder = [];
    private long _recentAfter;
    private long _lastPosition;
    private long _bytes;

    public bool IsWhole => false;

    /// <summary>Gets the number of streams, and their approximate size.</summary>
    public (int Streams, long Bytes) Size
    {
        get
        {
            lock (_lock)
                return (_streams.Count, _bytes);
        }
    }

    public void Clear(long position)
    {
        lock (_lock)
        {
            _streams.Clear();
            _byUse.Clear();
            _recent.Clear();
            _recentOrder.Clear();
            (_bytes, _recentAfter, _lastPosition) = (0, position, position);
        }
    }

    public void Add(IReadOnlyList<RecordedEvent> events, long position)
    {
        lock (_lock)
        {
            foreach (var recorded in events)
            {
                if (recorded.Position <= _lastPosition)
                    continue;
                _lastPosition = recorded.Position;
                Remember(recorded);
                if (_streams.TryGetValue(recorded.Stream, out var node))
                    Change(node, stream => stream.TryAdd(recorded));
            }
            Trim();
        }
    }

    public void Remove(RemovalRecord? removal, StreamId stream, StreamHead head)
    {
        lock (_lock)
        {
            if (_streams.TryGetValue(stream, out var node))
                Drop(node);
        }
    }

    public bool Has(StreamPageQuery query)
    {
        lock (_lock)
            return _streams.TryGetValue(query.Stream, out var node) && node.Value.Events.Covers(query);
    }

    public bool TryRead(StreamPageQuery query, out EventPage page)
    {
        lock (_lock)
        {
            page = default;
            if (!_streams.TryGetValue(query.Stream, out var node) || node.Value.Events.Read(query) is not { } found)
                return false;
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            page = found;
            return true;
        }
    }

    public void Keep(StreamPageQuery query, EventPage page, long position)
    {
        lock (_lock)
        {
            if (query.IsBackwards || page.Events.Count == 0 || position < _recentAfter)
                return;
            if (_recent.TryGetValue(query.Stream, out var last) && last > page.Events[^1].Position)
                return;
            if (!_streams.TryGetValue(query.Stream, out var node))
            {
                if (query.From > 1)
                    return;
                node = _byUse.AddFirst((query.Stream, new CachedStream()));
                _streams.Add(query.Stream, node);
            }
            else if (query.From != node.Value.Events.LastVersion + 1)
            {
                return;
            }
            Change(node, stream =>
            {
                stream.Add(page.Events, page.IsEnd);
                return true;
            });
            Trim();
        }
    }

    public bool TryRead(LogPageQuery query, out EventPage page)
    {
        page = default;
        return false;
    }

    public bool TryFind(Guid id, StreamId? stream, out RecordedEvent? found)
    {
        found = null;
        return false;
    }

    public bool TryCount(EventFilter filter, out long count)
    {
        count = 0;
        return false;
    }

    /// <summary>Changes a stream, and drops it if the change returns false.</summary>
    private void Change(
        LinkedListNode<(StreamId Stream, CachedStream Events)> node, Func<CachedStream, bool> change)
    {
        var before = node.Value.Events.Bytes;
        // One long stream does not displace all others.
        var isKept = change(node.Value.Events) && node.Value.Events.Bytes <= maxBytes / 4;
        _bytes += node.Value.Events.Bytes - before;
        if (!isKept)
            Drop(node);
    }

    private void Trim()
    {
        while (_bytes > maxBytes && _byUse.Last is { } oldest)
            Drop(oldest);
    }

    private void Drop(LinkedListNode<(StreamId Stream, CachedStream Events)> node)
    {
        _bytes -= node.Value.Events.Bytes;
        _streams.Remove(node.Value.Stream);
        _byUse.Remove(node);
    }

    private void Remember(RecordedEvent recorded)
    {
        _recent[recorded.Stream] = recorded.Position;
        _recentOrder.Enqueue((recorded.Stream, recorded.Position));
        while (_recentOrder.Count > RecentEvents)
        {
            var (stream, position) = _recentOrder.Dequeue();
            _recentAfter = position;
            if (_recent.TryGetValue(stream, out var last) && last == position)
                _recent.Remove(stream);
        }
    }
}
