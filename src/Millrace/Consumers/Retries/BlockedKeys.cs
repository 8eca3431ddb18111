using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The open letters of a consumer, in memory: which keys are held, who waits, whose turn it is. Told of failures by
/// several workers at once.
/// </summary>
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

    /// <summary>Whether there is nothing to look at: the one question on the way of every event.</summary>
    public bool IsEmpty => _isEmpty;

    /// <summary>How many letters are open.</summary>
    public int Count => _counts.All;

    /// <summary>How many letters are open in each state; read by anybody.</summary>
    public DeadLetterCounts Counts => _counts;

    /// <summary>Whether there are letters that are not committed yet.</summary>
    public bool HasNew => _new.Count > 0;

    /// <summary>Whether some of those are of events whose keys are not known.</summary>
    public bool HasNewOfWholeStreams
    {
        get
        {
            if (_streams.Count == 0)
                return false;
            lock (_lock)
                return _new.Exists(one => one.DeadLetter.Key.Length == 0);
        }
    }

    /// <summary>Whether there are streams of which everything waits.</summary>
    public bool HoldsStreams => _streams.Count > 0;

    /// <summary>What was decided about events beyond the checkpoint, before it was set back.</summary>
    public DeadLetterResolutions Decided => _decided;

    /// <summary>Begins with what is stored. What is not committed yet stays: its event is not to be handled before it
    /// is.</summary>
    public void Load(IEnumerable<DeadLetter> open, DeadLetterResolutions decided)
    {
        lock (_lock)
        {
            var kept = _new.ConvertAll(one => one.DeadLetter);
            _keys.Clear();
            _streams.Clear();
            _due.Clear();
            _new.Clear();
            _counts.Clear();
            _decided = decided;
            foreach (var letter in open.OrderBy(letter => letter.Position))
                Add(letter, GetOrAdd(letter.Key, letter.Stream)).IsStored = true;
            foreach (var line in _keys.Values.Concat(_streams.Values))
                Schedule(line);
            foreach (var letter in kept)
            {
                var line = GetOrAdd(letter.Key, letter.Stream);
                if (!line.Has(letter.Position))
                    Append(letter, line);
            }
            RefreshIsEmpty();
        }
    }

    /// <summary>Somebody decided about a letter. False when it is not known here.</summary>
    public bool Release(DeadLetter letter)
    {
        lock (_lock)
        {
            var line =
                letter.Key.Length == 0
                    ? _streams.GetValueOrDefault(letter.Stream)
                    : _keys.GetValueOrDefault(letter.Key);
            if (line?.Find(letter.Position) is not { } entry)
                return false;
            if (entry.State != DeadLetterState.Released)
                Change(entry, DeadLetterState.Released, null);
            return true;
        }
    }

    /// <summary>Whether an event of a key has to wait: it, or an earlier one, is not done.</summary>
    public bool Holds(string key, long position)
    {
        lock (_lock)
            return _keys.TryGetValue(key, out var line) && line.Head?.Position <= position;
    }

    /// <summary>Whether an event of a stream has to wait, whatever its key: it, or an earlier one of an unknown key, is
    /// not done.</summary>
    public bool Holds(StreamId stream, long position)
    {
        lock (_lock)
            return _streams.TryGetValue(stream, out var line) && line.Head?.Position <= position;
    }

    /// <summary>Whether an earlier event of a key than the one at a position is not done.</summary>
    public bool HoldsBefore(string key, long position)
    {
        lock (_lock)
            return _keys.TryGetValue(key, out var line) && line.Head?.Position < position;
    }

    /// <summary>Takes a failed event out of the batch. Returns why it cannot, and the consumer has to stop; null when
    /// it is done.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="key">The key that it holds from now on; empty when that is not known, and its stream is
    /// held.</param>
    /// <param name="exception">Why it failed.</param>
    public Exception? Fail(RecordedEvent recorded, string key, Exception exception)
    {
        if (rules.ClassOf(exception) == FailureClass.System)
            return exception;
        var letter = rules.Failed(CreateDeadLetter(recorded, key, DeadLetterState.Parked), exception);
        return AddNew(letter);
    }

    /// <summary>Has an event wait behind its key, or its stream. Returns why it cannot, and the consumer has to
    /// stop.</summary>
    public Exception? Wait(RecordedEvent recorded, string key) =>
        AddNew(CreateDeadLetter(recorded, key, DeadLetterState.Waiting));

    /// <summary>
    /// The letters to be committed with a checkpoint: those of events up to it. One of a later event would be handled
    /// in its turn, and what lies between be taken for done.
    /// </summary>
    public IReadOnlyList<DeadLetterChange> NewUntil(long checkpoint)
    {
        lock (_lock)
            return
            [
                .. _new.Where(one => one.Entry.Position <= checkpoint)
                    .Select(one => new DeadLetterChange(one.DeadLetter)),
            ];
    }

    /// <summary>What was new up to a checkpoint is stored: returns it, so that it can be told of.</summary>
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
                if (entry.Line.Head == entry)
                    Schedule(entry.Line);
            }
            _new.RemoveAll(one => one.Entry.IsStored);
            return letters;
        }
    }

    /// <summary>Forgets what is not committed and will be read again: all beyond a position.</summary>
    public void Forget(long position)
    {
        lock (_lock)
        {
            foreach (var (entry, _) in _new)
            {
                if (entry.Position > position)
                    Remove(entry);
            }
            _new.RemoveAll(one => one.Entry.Position > position);
            RefreshIsEmpty();
        }
    }

    /// <summary>The next one to be tried, if its time has come.</summary>
    public BlockedEvent? TakeDue(DateTimeOffset now)
    {
        lock (_lock)
        {
            while (_due.TryPeek(out var entry, out var at))
            {
                if (at > now)
                    return null;
                _due.Dequeue();
                // It was decided about, or failed again, since it was put here: then it stands here for its later time
                // as well.
                var isEarly = entry.State == DeadLetterState.RetryAt && entry.RetryAt > now;
                if (entry.Line.Head == entry && entry.State != DeadLetterState.Parked && !isEarly)
                    return entry;
            }
            return null;
        }
    }

    /// <summary>When the next one is to be tried; null when nothing is by itself.</summary>
    public DateTimeOffset? NextDue()
    {
        lock (_lock)
            return _due.TryPeek(out _, out var at) ? at : null;
    }

    /// <summary>It is not open any more: the one behind it is next.</summary>
    public void Done(BlockedEvent entry)
    {
        lock (_lock)
        {
            Remove(entry);
            Schedule(entry.Line);
            RefreshIsEmpty();
        }
    }

    /// <summary>A line was given up from a position on: what is stored of it is not open any more.</summary>
    public void Discarded(BlockedKey line, long from)
    {
        lock (_lock)
        {
            foreach (var entry in line.From(from))
            {
                if (entry.IsStored)
                    Remove(entry);
            }
            Schedule(line);
            RefreshIsEmpty();
        }
    }

    /// <summary>It stands otherwise now, and may be tried later again.</summary>
    public void Changed(BlockedEvent entry, DeadLetterState state, DateTimeOffset? retryAt)
    {
        lock (_lock)
            Change(entry, state, retryAt);
    }

    /// <summary>Nothing was done about it: it is tried again at a time.</summary>
    public void Postpone(BlockedEvent entry, DateTimeOffset until)
    {
        lock (_lock)
            _due.Enqueue(entry, until);
    }

    /// <summary>The letter of an event, with the correction that was made of it. What was decided for this very key
    /// goes on as its row.</summary>
    private DeadLetter CreateDeadLetter(RecordedEvent recorded, string key, DeadLetterState state)
    {
        var decided = _decided.FindExactly(recorded.Position, key);
        var own = decided?.Consumer == consumer && decided.Partition == partition ? decided : null;
        return new DeadLetter
        {
            Id = own?.Id ?? 0,
            Revision = own?.Revision ?? 0,
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
            By = decided?.By,
            Reason = decided?.Reason,
            DecidedAt = decided?.DecidedAt,
        };
    }

    private KeyBacklogFullException? AddNew(DeadLetter letter)
    {
        lock (_lock)
        {
            var line = GetOrAdd(letter.Key, letter.Stream);
            if (line.Has(letter.Position))
                return null; // It was read again: it is known already.
            if (Refusal(line) is { } refusal)
            {
                RemoveIfEmpty(line);
                return refusal;
            }
            Append(letter, line);
            RefreshIsEmpty();
            return null;
        }
    }

    private void Append(DeadLetter letter, BlockedKey line)
    {
        var before = line.Head;
        var isFirst = before is null || before.Position > letter.Position;
        var added = isFirst ? letter : Waiting(letter);
        _new.Add((Add(added, line), added));
        if (isFirst && before is not null)
            BlockBehind(before);
    }

    /// <summary>An earlier one has failed after it: it waits like the rest.</summary>
    private void BlockBehind(BlockedEvent entry)
    {
        var index = _new.FindIndex(one => one.Entry == entry);
        if (index < 0)
            return;
        _new[index] = (entry, Waiting(_new[index].DeadLetter));
        Change(entry, DeadLetterState.Waiting, null);
    }

    /// <summary>What failed behind another of its key was tried too early: it waits like the rest.</summary>
    private static DeadLetter Waiting(DeadLetter letter) =>
        letter with
        {
            State = DeadLetterState.Waiting,
            RetryAt = null,
        };

    private KeyBacklogFullException? Refusal(BlockedKey line)
    {
        if (Count >= options.MaxDeadLetters)
        {
            return new KeyBacklogFullException(
                $"{Count:N0} events have failed or wait behind one that has, the most for a consumer: decide about "
                    + $"its dead letters."
            );
        }
        return line.Count > options.MaxWaitingPerKey
            ? new KeyBacklogFullException(
                $"{line.Count - 1:N0} events wait for {line}, the most for one, behind position "
                    + $"{line.Head!.Position}: decide about it.",
                line.Key.Length > 0 ? line.Key : null)
            : null;
    }

    private BlockedEvent Add(DeadLetter letter, BlockedKey line)
    {
        var entry = new BlockedEvent(line, letter.Position, letter.State, letter.RetryAt);
        line.Add(entry);
        _counts.Add(entry.State, 1);
        return entry;
    }

    private void Remove(BlockedEvent entry)
    {
        entry.Line.Remove(entry);
        _counts.Add(entry.State, -1);
        RemoveIfEmpty(entry.Line);
    }

    private void Change(BlockedEvent entry, DeadLetterState state, DateTimeOffset? retryAt)
    {
        _counts.Add(entry.State, -1);
        _counts.Add(state, 1);
        (entry.State, entry.RetryAt) = (state, retryAt);
        if (entry.Line.Head == entry)
            Schedule(entry.Line);
    }

    private void RemoveIfEmpty(BlockedKey line)
    {
        if (line.Count > 0)
            return;
        if (line.Stream is { } stream)
            _streams.Remove(stream);
        else
            _keys.Remove(line.Key);
    }

    private BlockedKey GetOrAdd(string key, StreamId stream)
    {
        if (key.Length == 0)
        {
            if (!_streams.TryGetValue(stream, out var ofStream))
                _streams.Add(stream, ofStream = new BlockedKey("", stream));
            return ofStream;
        }
        if (!_keys.TryGetValue(key, out var line))
            _keys.Add(key, line = new BlockedKey(key, null));
        return line;
    }

    private void Schedule(BlockedKey line)
    {
        if (line.Head is { IsStored: true } head && head.State != DeadLetterState.Parked)
            _due.Enqueue(head, head.State == DeadLetterState.RetryAt ? head.RetryAt ?? default : default);
    }

    private void RefreshIsEmpty() => _isEmpty = Count == 0 && _decided.IsEmpty;
}
