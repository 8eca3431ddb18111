using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>The open dead letters of a consumer in memory, grouped by blocked key. Thread-safe.</summary>
internal sealed class BlockedKeys(string consumer, FailureRules rules, ConsumerOptions options, int partition = 0)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, BlockedKey> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamId, BlockedKey> _streams = [];
    private readonly PriorityQueue<BlockedEvent, DateTimeOffset> _due = new();
    private readonly List<(BlockedEvent Entry, DeadLetter DeadLetter)> _new = [];
    private DeadLetterResolutions _decided = DeadLetterResolutions.None;
    private readonly DeadLetterCounts _counts = new();
    private volatile bool _isEmpty = true;

    /// <summary>Gets whether no key is blocked and no decision applies.</summary>
    public bool IsEmpty => _isEmpty;

    /// <summary>Gets the number of open dead letters.</summary>
    public int Count => _counts.All;

    /// <summary>Gets the number of open dead letters in each state. Thread-safe.</summary>
    public DeadLetterCounts Counts => _counts;

    /// <summary>Gets whether there are dead letters that are not committed yet.</summary>
    public bool HasNew => _new.Count > 0;

    /// <summary>Gets whether there are uncommitted dead letters of events whose keys are unknown.</summary>
    public bool HasNewOfWholeStreams
    {
        get
        {
            if (_streams.Count == 0)
                return false;
            lock (_lock)
                return _new.Exists(added => added.DeadLetter.Key.Length == 0);
        }
    }

    /// <summary>Gets whether whole streams are blocked.</summary>
    public bool HasBlockedStreams => _streams.Count > 0;

    /// <summary>
    /// Gets the decisions about events after the checkpoint, from before the checkpoint was set back.
    /// </summary>
    public DeadLetterResolutions Decided => _decided;

    /// <summary>Loads the stored dead letters. Uncommitted dead letters still block their events.</summary>
    public void Load(IEnumerable<DeadLetter> open, DeadLetterResolutions decided)
    {
        lock (_lock)
        {
            var uncommitted = _new.ConvertAll(added => added.DeadLetter);
            _keys.Clear();
            _streams.Clear();
            _due.Clear();
            _new.Clear();
            _counts.Clear();
            _decided = decided;
            foreach (var letter in open.OrderBy(letter => letter.Position))
                Add(letter, GetOrAdd(letter.Key, letter.Stream)).IsStored = true;
            foreach (var blockedKey in _keys.Values.Concat(_streams.Values))
                Schedule(blockedKey);
            foreach (var letter in uncommitted)
            {
                var blockedKey = GetOrAdd(letter.Key, letter.Stream);
                if (!blockedKey.Has(letter.Position))
                    Append(letter, blockedKey);
            }
            RefreshIsEmpty();
        }
    }

    /// <summary>Releases a dead letter after a decision. Returns false if it is not loaded.</summary>
    public bool Release(DeadLetter letter)
    {
        lock (_lock)
        {
            var blockedKey =
                letter.Key.Length == 0
                    ? _streams.GetValueOrDefault(letter.Stream)
                    : _keys.GetValueOrDefault(letter.Key);
            if (blockedKey?.Find(letter.Position) is not { } entry)
                return false;
            if (entry.State != DeadLetterState.Released)
                Change(entry, DeadLetterState.Released, null);
            return true;
        }
    }

    /// <summary>Returns true if the event at a position or an earlier event of its key is not finished.</summary>
    public bool IsBlocked(string key, long position)
    {
        lock (_lock)
            return _keys.TryGetValue(key, out var blockedKey) && blockedKey.Head?.Position <= position;
    }

    /// <summary>
    /// Returns true if the event at a position or an earlier event of the stream with unknown keys is not finished.
    /// </summary>
    public bool IsBlocked(StreamId stream, long position)
    {
        lock (_lock)
            return _streams.TryGetValue(stream, out var blockedKey) && blockedKey.Head?.Position <= position;
    }

    /// <summary>Returns true if an event of a key before a position is not finished.</summary>
    public bool IsBlockedBefore(string key, long position)
    {
        lock (_lock)
            return _keys.TryGetValue(key, out var blockedKey) && blockedKey.Head?.Position < position;
    }

    /// <summary>
    /// Adds the dead letter of a failed event. Returns null, or the reason why the consumer must stop.
    /// </summary>
    /// <param name="recorded">The event.</param>
    /// <param name="key">The key to block. If it is empty, the key is unknown and the stream is blocked.</param>
    /// <param name="exception">The reason for the failure.</param>
    public Exception? Fail(RecordedEvent recorded, string key, Exception exception)
    {
        if (rules.ClassOf(exception) == FailureClass.System)
            return exception;
        var letter = rules.Failed(CreateDeadLetter(recorded, key, DeadLetterState.Parked), exception);
        return AddNew(letter);
    }

    /// <summary>
    /// Adds the dead letter of a waiting event. Returns null, or the reason why the consumer must stop.
    /// </summary>
    public Exception? Wait(RecordedEvent recorded, string key) =>
        AddNew(CreateDeadLetter(recorded, key, DeadLetterState.Waiting));

    /// <summary>
    /// Returns the dead letters to commit with a checkpoint. These belong to events at or before the checkpoint. The
    /// consumer reads later events again, because the events before them are not finished.
    /// </summary>
    public IReadOnlyList<DeadLetterChange> NewUntil(long checkpoint)
    {
        lock (_lock)
            return
            [
                .. _new.Where(added => added.Entry.Position <= checkpoint)
                    .Select(added => new DeadLetterChange(added.DeadLetter)),
            ];
    }

    /// <summary>Marks the dead letters up to a checkpoint as stored, and returns them.</summary>
    public IReadOnlyList<DeadLetter> Committed(long checkpoint)
    {
        lock (_lock)
        {
            var letters = new List<DeadLetter>(_new.Count);
            foreach (var (entry, letter) in _new)
            {
                if (entry.Position > checkpoint)
                    continue;
                letters.Add(letter);
                entry.IsStored = true;
                if (entry.BlockedKey.Head == entry)
                    Schedule(entry.BlockedKey);
            }
            _new.RemoveAll(added => added.Entry.IsStored);
            return letters;
        }
    }

    /// <summary>Drops the uncommitted dead letters after a position. The consumer reads their events again.</summary>
    public void Forget(long position)
    {
        lock (_lock)
        {
            foreach (var (entry, _) in _new)
            {
                if (entry.Position > position)
                    Remove(entry);
            }
            _new.RemoveAll(added => added.Entry.Position > position);
            RefreshIsEmpty();
        }
    }

    /// <summary>Returns the next event to retry, if it is due.</summary>
    public BlockedEvent? TakeDue(DateTimeOffset now)
    {
        lock (_lock)
        {
            while (_due.TryPeek(out var entry, out var dueTime))
            {
                if (dueTime > now)
                    return null;
                _due.Dequeue();
                // After a decision or another failure, the queue also contains the event with its later time.
                var isEarly = entry.State == DeadLetterState.RetryAt && entry.RetryAt > now;
                if (entry.BlockedKey.Head == entry && entry.State != DeadLetterState.Parked && !isEarly)
                    return entry;
            }
            return null;
        }
    }

    /// <summary>Returns the time of the next retry, or null if no retry is scheduled.</summary>
    public DateTimeOffset? NextDue()
    {
        lock (_lock)
            return _due.TryPeek(out _, out var dueTime) ? dueTime : null;
    }

    /// <summary>Records that an event is finished, and schedules the next event of its key.</summary>
    public void Done(BlockedEvent entry)
    {
        lock (_lock)
        {
            Remove(entry);
            Schedule(entry.BlockedKey);
            RefreshIsEmpty();
        }
    }

    /// <summary>Records that the events of a key from a position on were discarded.</summary>
    public void Discarded(BlockedKey blockedKey, long from)
    {
        lock (_lock)
        {
            foreach (var entry in blockedKey.From(from))
            {
                if (entry.IsStored)
                    Remove(entry);
            }
            Schedule(blockedKey);
            RefreshIsEmpty();
        }
    }

    /// <summary>Records the new state of an event and the time of its retry.</summary>
    public void Changed(BlockedEvent entry, DeadLetterState state, DateTimeOffset? retryAt)
    {
        lock (_lock)
            Change(entry, state, retryAt);
    }

    /// <summary>Schedules a later retry of an event that was not handled.</summary>
    public void Postpone(BlockedEvent entry, DateTimeOffset until)
    {
        lock (_lock)
            _due.Enqueue(entry, until);
    }

    /// <summary>Creates a dead letter with the event's correction and the row of an earlier decision.</summary>
    private DeadLetter CreateDeadLetter(RecordedEvent recorded, string key, DeadLetterState state)
    {
        var decided = _decided.FindExactly(recorded.Position, key);
        var earlierRow = decided?.Consumer == consumer && decided.Partition == partition ? decided : null;
        return new DeadLetter
        {
            Id = earlierRow?.Id ?? 0,
            Revision = earlierRow?.Revision ?? 0,
            Consumer = consumer,
            Partition = partition,
            Position = recorded.Position,
            Key = key,
            Stream = recorded.Stream,
            Version = recorded.Version,
            EventType = recorded.Type,
            EventId = recorded.Id,
            State = state,
            EditedPayload = recorded.IsCorrected ? recorded.Payload : decided?.EditedPayload,
            User = decided?.User,
            Reason = decided?.Reason,
            DecidedAt = decided?.DecidedAt,
        };
    }

    private KeyBacklogFullException? AddNew(DeadLetter letter)
    {
        lock (_lock)
        {
            var blockedKey = GetOrAdd(letter.Key, letter.Stream);
            if (blockedKey.Has(letter.Position))
                return null; // The event was read again and is already known.
            if (FindRefusal(blockedKey) is { } refusal)
            {
                RemoveIfEmpty(blockedKey);
                return refusal;
            }
            Append(letter, blockedKey);
            RefreshIsEmpty();
            return null;
        }
    }

    private void Append(DeadLetter letter, BlockedKey blockedKey)
    {
        var before = blockedKey.Head;
        var isFirst = before is null || before.Position > letter.Position;
        var added = isFirst ? letter : Waiting(letter);
        _new.Add((Add(added, blockedKey), added));
        if (isFirst && before is not null)
            BlockBehind(before);
    }

    /// <summary>
    /// Makes an uncommitted event wait, because an event of its key with a lower position failed later.
    /// </summary>
    private void BlockBehind(BlockedEvent entry)
    {
        var index = _new.FindIndex(added => added.Entry == entry);
        if (index < 0)
            return;
        _new[index] = (entry, Waiting(_new[index].DeadLetter));
        Change(entry, DeadLetterState.Waiting, null);
    }

    /// <summary>Returns a copy that waits, because an earlier event of its key failed.</summary>
    private static DeadLetter Waiting(DeadLetter letter) =>
        letter with
        {
            State = DeadLetterState.Waiting,
            RetryAt = null,
        };

    private KeyBacklogFullException? FindRefusal(BlockedKey blockedKey)
    {
        if (Count >= options.MaxDeadLetters)
        {
            return new KeyBacklogFullException(
                $"{Count:N0} events have failed or wait behind a failed one, which is the maximum for a consumer: "
                    + "decide about its dead letters."
            );
        }
        return blockedKey.Count > options.MaxWaitingPerKey
            ? new KeyBacklogFullException(
                $"{blockedKey.Count - 1:N0} events wait for {blockedKey} behind position {blockedKey.Head!.Position}, "
                    + "which is the maximum: decide about the dead letter.",
                blockedKey.Key.Length > 0 ? blockedKey.Key : null)
            : null;
    }

    private BlockedEvent Add(DeadLetter letter, BlockedKey blockedKey)
    {
        var entry = new BlockedEvent(blockedKey, letter.Position, letter.State, letter.RetryAt);
        blockedKey.Add(entry);
        _counts.Add(entry.State, 1);
        return entry;
    }

    private void Remove(BlockedEvent entry)
    {
        entry.BlockedKey.Remove(entry);
        _counts.Add(entry.State, -1);
        RemoveIfEmpty(entry.BlockedKey);
    }

    private void Change(BlockedEvent entry, DeadLetterState state, DateTimeOffset? retryAt)
    {
        _counts.Add(entry.State, -1);
        _counts.Add(state, 1);
        entry.State = state;
        entry.RetryAt = retryAt;
        if (entry.BlockedKey.Head == entry)
            Schedule(entry.BlockedKey);
    }

    private void RemoveIfEmpty(BlockedKey blockedKey)
    {
        if (blockedKey.Count > 0)
            return;
        if (blockedKey.Stream is { } stream)
            _streams.Remove(stream);
        else
            _keys.Remove(blockedKey.Key);
    }

    private BlockedKey GetOrAdd(string key, StreamId stream)
    {
        if (key.Length == 0)
        {
            if (!_streams.TryGetValue(stream, out var blockedStream))
                _streams.Add(stream, blockedStream = new BlockedKey("", stream));
            return blockedStream;
        }
        if (!_keys.TryGetValue(key, out var blockedKey))
            _keys.Add(key, blockedKey = new BlockedKey(key, null));
        return blockedKey;
    }

    private void Schedule(BlockedKey blockedKey)
    {
        if (blockedKey.Head is { IsStored: true } head && head.State != DeadLetterState.Parked)
            _due.Enqueue(head, head.State == DeadLetterState.RetryAt ? head.RetryAt ?? default : default);
    }

    private void RefreshIsEmpty() => _isEmpty = Count == 0 && _decided.IsEmpty;
}
