using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The end of the log as this node knows it. The tail contains the last position and the latest events. Each event is
/// decoded once for all consumers.
/// </summary>
/// <remarks>
/// Events that this node commits are added with their positions. If another node has written events before them, the
/// cache has a gap. The cache then starts again after the gap, and slower readers read from the storage until they have
/// caught up. The tail drops events that all readers have passed, except for the latest events. Dropped events
/// would otherwise stay in memory for long, and the garbage collector would move them repeatedly, which pauses all
/// threads.
/// </remarks>
internal sealed class LogTail(int capacity)
{
    /// <summary>
    /// The number of latest events that always remain in the cache. This is also the number of new events after which
    /// the tail looks for events to drop.
    /// </summary>
    public const int MinCapacity = 256;

    private const int MaxCachedPerPoll = 1_000;

    private readonly Lock _lock = new();
    private readonly RecordedEvent?[] _ring = new RecordedEvent?[capacity];
    private readonly List<TailReader> _readersInTail = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long[]? _times; // The recorded times, indexed like the ring, including dropped events.
    private long _timesFrom = 1;
    private long _timesTo;
    private long _first = 1;
    private long _dropped; // The last position whose event was dropped.
    private long _checkedAt; // The end of the log when the tail last looked for events to drop.
    private LogHead _head;
    private long _round; // Incremented each time the cache is cleared.
    private long _removals;
    private HashSet<string>? _decodedTypes = new(StringComparer.Ordinal); // Null for all types.
    private int _readers;

    /// <summary>Gets the end of the log as this node knows it.</summary>
    public LogHead Head
    {
        get
        {
            lock (_lock)
                return _head;
        }
    }

    /// <summary>Gets the number of removals that this node committed since it started.</summary>
    public long OwnRemovals => Interlocked.Read(ref _removals);

    /// <summary>Gets the serializer that decodes the cached events.</summary>
    public EventSerializer? Decoder { get; init; }

    /// <summary>Adds a reader. The tail caches events only while there is at least one reader.</summary>
    /// <param name="types">The stored names of the types whose data the reader uses; null for all types. For events of
    /// other types, the tail caches only the bytes. Decoded objects would occupy the garbage collector without being
    /// used.</param>
    public void AddReader(IEnumerable<string>? types = null)
    {
        lock (_lock)
        {
            _readers++;
            if (types is null)
                _decodedTypes = null;
            else
                _decodedTypes?.UnionWith(types);
        }
    }

    /// <summary>
    /// Starts a reader after a position. The tail keeps events for the reader while the reader is no further behind
    /// than the capacity.
    /// </summary>
    public TailReader StartAfter(long position)
    {
        var reader = new TailReader(this) { ReleasedPosition = position };
        lock (_lock)
            _readersInTail.Add(reader);
        return reader;
    }

    /// <summary>Removes a reader that was started with <see cref="StartAfter"/>.</summary>
    public void Leave(TailReader reader)
    {
        lock (_lock)
            _readersInTail.Remove(reader);
    }

    /// <summary>Removes a reader that was added with <see cref="AddReader"/>.</summary>
    public void RemoveReader()
    {
        lock (_lock)
            _readers--;
    }

    /// <summary>Adds the events that this node committed.</summary>
    public void AddCommitted(IReadOnlyList<PendingCommit> batch, CommitOutcome[] outcomes)
    {
        lock (_lock)
        {
            var last = _head.Position;
            var hasRemovals = false;
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i].Result != CommitResult.Committed)
                    continue;
                var request = batch[i].Request;
                if (_readers > 0 && request.Removals.Count == 0)
                    AddToCache(request, outcomes[i]);
                if (request.Appends.Count > 0)
                    last = Math.Max(last, outcomes[i].Position);
                hasRemovals |= RemovesEvents(request.Removals);
                Interlocked.Add(ref _removals, request.Removals.Count);
            }
            MoveTo(_head with { Position = last });
            if (hasRemovals)
                Clear(last);
        }
    }

    /// <summary>Records the end of the log after another node wrote.</summary>
    public void SetHead(LogHead head)
    {
        lock (_lock)
        {
            if (head.Epoch != _head.Epoch)
                Clear(head.Position);
            if (head.Epoch != _head.Epoch || head.Position > _head.Position)
                MoveTo(head);
        }
    }

    /// <summary>
    /// Gets the maximum number of events of other nodes to read into the cache; 0 while there are no readers.
    /// </summary>
    public int MaxEventsToFill
    {
        get
        {
            lock (_lock)
                return _readers > 0 ? Math.Min(MaxCachedPerPoll, _ring.Length) : 0;
        }
    }

    /// <summary>
    /// Gets a number that increases each time the cache is cleared. Events that were read before the cache was cleared
    /// may no longer be in the log.
    /// </summary>
    public long Round
    {
        get
        {
            lock (_lock)
                return _round;
        }
    }

    /// <summary>
    /// Adds events that another node wrote, so that this node reads and decodes each event once for all consumers.
    /// </summary>
    /// <param name="epoch">The log epoch in which the events were read. Events of another epoch may no longer
    /// exist.</param>
    /// <param name="round">The <see cref="Round"/> before the events were read.</param>
    /// <param name="events">The events, in order.</param>
    public void Fill(long epoch, long round, IReadOnlyList<RecordedEvent> events)
    {
        lock (_lock)
        {
            if (epoch != _head.Epoch || round != _round)
                return;
            for (var i = 0; i < events.Count; i++)
            {
                ref var slot = ref _ring[events[i].Position % _ring.Length];
                if (slot is not null && slot.Position >= events[i].Position)
                    continue;
                events[i].Decoder ??= Decoder;
                slot = events[i];
                RecordTime(events[i]);
            }
            // If the added events end where the cache starts, the cache now starts at the first of them.
            while (_first > 1 && _ring[(_first - 1) % _ring.Length] is { } previous && previous.Position == _first - 1)
                _first--;
        }
    }

    /// <summary>Clears the cache after a commit with an unknown outcome.</summary>
    public void Clear()
    {
        lock (_lock)
            Clear(_head.Position);
    }

    /// <summary>Waits until the log, as this node knows it, extends beyond a position.</summary>
    public async ValueTask WaitBeyond(long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_head.Position > position)
                    return;
                moved = _moved.Task;
            }
            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Copies the cached events from a position on. Returns false if the cache starts after that position; the caller
    /// must then read from the storage.
    /// </summary>
    public bool TryRead(long from, int limit, List<RecordedEvent> into)
    {
        lock (_lock)
        {
            if (from < _first || from + _ring.Length <= _head.Position)
                return false;
            for (var position = from; position <= _head.Position && into.Count < limit; position++)
            {
                if (_ring[position % _ring.Length] is not { } cached || cached.Position != position)
                    return into.Count > 0;
                into.Add(cached);
            }
            return true;
        }
    }

    /// <summary>Returns the event at a position; null if the event is not in the cache.</summary>
    public RecordedEvent? Find(long position)
    {
        lock (_lock)
        {
            return
                _ring.Length > 0
                && position >= _first
                && _ring[position % _ring.Length] is { } cached
                && cached.Position == position
                ? cached
                : null;
        }
    }

    /// <summary>
    /// Returns the recorded time of the event at a position; null if the time is unknown. The tail keeps times longer
    /// than events.
    /// </summary>
    public DateTimeOffset? RecordedAt(long position)
    {
        lock (_lock)
        {
            return
                _times is not null
                && position >= _timesFrom
                && position <= _timesTo
                && position > _timesTo - _ring.Length
                ? new DateTimeOffset(_times[position % _ring.Length], TimeSpan.Zero)
                : null;
        }
    }

    /// <summary>
    /// Clears the cache, which then starts after a position. All events are removed, because later events may get the
    /// same positions.
    /// </summary>
    private void Clear(long position)
    {
        Array.Clear(_ring);
        _first = position + 1;
        _timesFrom = position + 1;
        _timesTo = position;
        _dropped = position;
        _checkedAt = position;
        _round++;
    }

    /// <summary>
    /// Returns whether the removals remove events from the log. Readers must not receive removed events from the cache.
    /// </summary>
    private static bool RemovesEvents(IReadOnlyList<StreamRemoval> removals)
    {
        for (var i = 0; i < removals.Count; i++)
        {
            if (removals[i].Kind != RemovalKind.Delete)
                return true;
        }
        return false;
    }

    private void MoveTo(LogHead head)
    {
        if (head == _head)
            return;
        _head = head;
        if (head.Position - _checkedAt >= MinCapacity)
            DropPassed();
        var moved = _moved;
        _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        moved.TrySetResult();
    }

    private void DropPassed()
    {
        _checkedAt = _head.Position;
        var oldest = _head.Position - _ring.Length + 1; // Earlier events have been overwritten.
        var dropUpTo = _head.Position - MinCapacity;
        foreach (var reader in _readersInTail)
        {
            if (reader.ReleasedPosition is var released && released >= oldest - 1)
                dropUpTo = Math.Min(dropUpTo, released);
        }
        for (var position = Math.Max(_dropped + 1, oldest); position <= dropUpTo; position++)
        {
            ref var slot = ref _ring[position % _ring.Length];
            if (slot?.Position <= dropUpTo)
                slot = null;
        }
        _first = Math.Max(_first, dropUpTo + 1);
        _dropped = Math.Max(_dropped, dropUpTo);
    }

    private void AddToCache(CommitRequest request, CommitOutcome outcome)
    {
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var append = request.Appends[i];
            var placement = outcome.Placements[i];
            for (var j = 0; j < append.Events.Count && _ring.Length > 0; j++)
            {
                var version = placement.FirstVersion + j;
                var position = placement.FirstPosition + j;
                var encoded = append.Events[j];
                AddToCache(_decodedTypes?.Contains(encoded.Type) == false
                    ? encoded.WithoutDataAt(append.Stream, version, position, outcome.Timestamp, Decoder)
                    : encoded.At(append.Stream, version, position, outcome.Timestamp, Decoder));
            }
        }
    }

    private void AddToCache(RecordedEvent recorded)
    {
        var previous = _ring[(recorded.Position - 1) % _ring.Length];
        if (previous is null || previous.Position != recorded.Position - 1)
            _first = recorded.Position;
        else
            Decoder?.Types.Join(previous, recorded); // No reader has received the first event of the commit yet.
        _ring[recorded.Position % _ring.Length] = recorded;
        RecordTime(recorded);
    }

    private void RecordTime(RecordedEvent recorded)
    {
        var position = recorded.Position;
        if (position > _timesTo)
        {
            _timesFrom = position == _timesTo + 1 ? _timesFrom : position;
            _timesTo = position;
        }
        else if (position == _timesFrom - 1 && position > _timesTo - _ring.Length)
        {
            _timesFrom = position;
        }
        else
        {
            return;
        }
        _times ??= new long[_ring.Length];
        _times[position % _ring.Length] = recorded.Timestamp.UtcTicks;
    }
}
