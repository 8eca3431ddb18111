using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What this node knows of the end of the log: the last position, and the latest events, decoded once and handed to
/// every consumer.
/// </summary>
/// <remarks>
/// Events that this node commits are added with their positions as they are. Where another node wrote in between, the
/// events kept begin anew behind the gap, and readers before it read the storage until they have caught up. What all
/// readers have passed is dropped, but for the latest: whatever lives on is moved by the collector, again and again,
/// while everybody waits.
/// </remarks>
internal sealed class LogTail(int capacity)
{
    /// <summary>How many of the latest events are kept whoever has passed them, and how many come until that is looked
    /// at again.</summary>
    public const int MinCapacity = 256;

    private const int MaxCachedPerPoll = 1_000;

    private readonly Lock _lock = new();
    private readonly RecordedEvent?[] _ring = new RecordedEvent?[capacity];
    private readonly List<TailReader> _readersInTail = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long[]? _times; // When the events were recorded, by the ring; also of those that were dropped.
    private long _timesFrom = 1;
    private long _timesTo;
    private long _first = 1;
    private long _dropped; // Up to here.
    private long _checkedAt; // Where the log ended when it was last looked at what all have passed.
    private LogHead _head;
    private long _round; // How often what was kept was forgotten.
    private HashSet<string>? _lookedInto = new(StringComparer.Ordinal); // Null for all types.
    private int _readers;

    /// <summary>The end of the log as far as it is known here.</summary>
    public LogHead Head
    {
        get
        {
            lock (_lock)
                return _head;
        }
    }

    /// <summary>Keeps events for readers as long as there is one.</summary>
    public EventSerializer? Decoder { get; init; }

    /// <summary>Announces a reader; events are only kept while there is one.</summary>
    /// <param name="types">
    /// The stored names of the types that it looks into; null for all. Of other events the bytes are kept and not the
    /// object, whose many parts would live on here, and be moved by the collector, for nobody.
    /// </param>
    public void AddReader(IEnumerable<string>? types = null)
    {
        lock (_lock)
        {
            _readers++;
            if (types is null)
                _lookedInto = null;
            else
                _lookedInto?.UnionWith(types);
        }
    }

    /// <summary>Begins to read behind a position. While a reader is no further behind than is kept, it is kept for
    /// him.</summary>
    public TailReader StartAfter(long position)
    {
        var place = new TailReader(this) { Passed = position };
        lock (_lock)
            _readersInTail.Add(place);
        return place;
    }

    /// <summary>Takes a reader's place back.</summary>
    public void Leave(TailReader place)
    {
        lock (_lock)
            _readersInTail.Remove(place);
    }

    /// <summary>Takes an announcement back.</summary>
    public void RemoveReader()
    {
        lock (_lock)
            _readers--;
    }

    /// <summary>Notes what this node committed.</summary>
    public void Committed(IReadOnlyList<PendingCommit> batch, CommitOutcome[] outcomes)
    {
        lock (_lock)
        {
            var last = _head.Position;
            var hasTakenOut = false;
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i].Result != CommitResult.Committed)
                    continue;
                var request = batch[i].Request;
                if (_readers > 0 && request.Removals.Count == 0)
                    Keep(request, outcomes[i]);
                if (request.Appends.Count > 0)
                    last = Math.Max(last, outcomes[i].Position);
                hasTakenOut |= RemovesEvents(request.Removals);
            }
            MoveTo(_head with { Position = last });
            if (hasTakenOut)
                ForgetKept(last);
        }
    }

    /// <summary>Notes where the log ends by another node's doing.</summary>
    public void Noticed(LogHead head)
    {
        lock (_lock)
        {
            if (head.Epoch != _head.Epoch)
                ForgetKept(head.Position);
            if (head.Epoch != _head.Epoch || head.Position > _head.Position)
                MoveTo(head);
        }
    }

    /// <summary>How many events that other nodes wrote are worth being read to be kept: none while nobody wants
    /// them.</summary>
    public int MaxFilled
    {
        get
        {
            lock (_lock)
                return _readers > 0 ? Math.Min(MaxCachedPerPoll, _ring.Length) : 0;
        }
    }

    /// <summary>Counts how often what was kept was forgotten: what was read before may have been taken out of the log
    /// since.</summary>
    public long Round
    {
        get
        {
            lock (_lock)
                return _round;
        }
    }

    /// <summary>Keeps events that another node wrote, so that each is read and decoded once for all
    /// consumers.</summary>
    /// <param name="epoch">The epoch they were read in; what was read in another one is of a lost future.</param>
    /// <param name="round">The <see cref="Round"/> before they were read.</param>
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
                NoteTime(events[i]);
            }
            // What this node wrote behind the gap in the meantime is now joined with what is before it.
            while (_first > 1 && _ring[(_first - 1) % _ring.Length] is { } before && before.Position == _first - 1)
                _first--;
        }
    }

    /// <summary>Forgets the events kept, after an outcome in doubt.</summary>
    public void Forget()
    {
        lock (_lock)
            ForgetKept(_head.Position);
    }

    /// <summary>Waits until the log reaches beyond a position, as far as is known here.</summary>
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

    /// <summary>Copies the events kept from a position on; false when they begin later, and the storage must be
    /// read.</summary>
    public bool TryRead(long from, int limit, List<RecordedEvent> into)
    {
        lock (_lock)
        {
            if (from < _first || from + _ring.Length <= _head.Position)
                return false;
            for (var position = from; position <= _head.Position && into.Count < limit; position++)
            {
                if (_ring[position % _ring.Length] is not { } kept || kept.Position != position)
                    return into.Count > 0;
                into.Add(kept);
            }
            return true;
        }
    }

    /// <summary>The event of a position, if it is kept.</summary>
    public RecordedEvent? Find(long position)
    {
        lock (_lock)
        {
            return
                _ring.Length > 0
                && position >= _first
                && _ring[position % _ring.Length] is { } kept
                && kept.Position == position
                ? kept
                : null;
        }
    }

    /// <summary>When an event was recorded, if that is kept: longer than the event is.</summary>
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

    /// <summary>Begins anew behind a position. Nothing stays behind, where it would be taken for a later event of that
    /// position.</summary>
    private void ForgetKept(long position)
    {
        Array.Clear(_ring);
        (_first, _timesFrom) = (position + 1, position + 1);
        (_timesTo, _dropped, _checkedAt) = (position, position, position);
        _round++;
    }

    /// <summary>Whether events leave the log, so that nobody who begins again may be handed them from memory.</summary>
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
        var oldest = _head.Position - _ring.Length + 1; // What is before it has been written over.
        var passed = _head.Position - MinCapacity;
        foreach (var place in _readersInTail)
        {
            if (place.Passed is var at && at >= oldest - 1)
                passed = Math.Min(passed, at);
        }
        for (var at = Math.Max(_dropped + 1, oldest); at <= passed; at++)
        {
            ref var slot = ref _ring[at % _ring.Length];
            if (slot?.Position <= passed)
                slot = null;
        }
        (_first, _dropped) = (Math.Max(_first, passed + 1), Math.Max(_dropped, passed));
    }

    private void Keep(CommitRequest request, CommitOutcome outcome)
    {
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var append = request.Appends[i];
            var placement = outcome.Placements[i];
            for (var j = 0; j < append.Events.Count && _ring.Length > 0; j++)
            {
                var (version, position) = (placement.FirstVersion + j, placement.FirstPosition + j);
                var encoded = append.Events[j];
                Keep(_lookedInto?.Contains(encoded.Type) == false
                    ? encoded.AsReadAt(append.Stream, version, position, outcome.Timestamp, Decoder)
                    : encoded.At(append.Stream, version, position, outcome.Timestamp, Decoder));
            }
        }
    }

    private void Keep(RecordedEvent recorded)
    {
        var before = _ring[(recorded.Position - 1) % _ring.Length];
        if (before is null || before.Position != recorded.Position - 1)
            _first = recorded.Position;
        else
            Decoder?.Types.Join(before, recorded); // Both of this batch, or not joined: nobody has been handed them.
        _ring[recorded.Position % _ring.Length] = recorded;
        NoteTime(recorded);
    }

    private void NoteTime(RecordedEvent recorded)
    {
        var position = recorded.Position;
        if (position > _timesTo)
            (_timesFrom, _timesTo) = (position == _timesTo + 1 ? _timesFrom : position, position);
        else if (position == _timesFrom - 1 && position > _timesTo - _ring.Length)
            _timesFrom = position;
        else
            return;
        _times ??= new long[_ring.Length];
        _times[position % _ring.Length] = recorded.Timestamp.UtcTicks;
    }
}
