namespace Millrace.Storage.InMemory;

/// <summary>The dead letters in memory, in the order of their numbers.</summary>
internal sealed class DeadLetterTable
{
    private readonly SortedDictionary<long, DeadLetter> _rows = [];
    private readonly Dictionary<(string Consumer, int Partition, long Position, string Key), long> _ids = [];
    private long _lastId;

    public IEnumerable<DeadLetter> All => _rows.Values;

    public int RowCount => _rows.Count;

    public DeadLetter? Get(long id) => _rows.GetValueOrDefault(id);

    public DeadLetter? Find(string consumer, int partition, long position, string key) =>
        _ids.TryGetValue((consumer, partition, position, key), out var id) ? _rows[id] : null;

    public void Apply(DeadLetterChange change)
    {
        var letter = change.DeadLetter;
        var name = (letter.Consumer, letter.Partition, letter.Position, letter.Key);
        if (change.IsRemoval)
        {
            _rows.Remove(letter.Id);
            _ids.Remove(name);
            return;
        }
        var id = letter.Id == 0 ? ++_lastId : letter.Id;
        // A bare null would become empty bytes.
        var payload = letter.EditedPayload is { } edited ? edited.ToArray() : (ReadOnlyMemory<byte>?)null;
        _rows[id] = letter with { Id = id, Revision = letter.Revision + 1, EditedPayload = payload };
        _ids[name] = id;
    }

    /// <summary>Removes the open letters of a consumer beyond a checkpoint, but for what was decided about
    /// them.</summary>
    public void RemoveOpen(string consumer, long checkpoint)
    {
        var gone = _rows
            .Values.Where(letter => letter.Consumer == consumer && letter.Position > checkpoint && letter.IsOpen)
            .ToArray();
        foreach (var letter in gone)
            Apply(
                letter.AfterReset() is { } kept
                    ? new DeadLetterChange(kept)
                    : new DeadLetterChange(letter, IsRemoval: true));
    }

    /// <summary>Removes all letters of the consumers whose names begin with a prefix.</summary>
    public void Forget(string prefix)
    {
        foreach (var letter in _rows
                .Values.Where(letter => letter.Consumer.StartsWith(prefix, StringComparison.Ordinal))
                .ToArray())
            Apply(new DeadLetterChange(letter, IsRemoval: true));
    }

    /// <summary>An open letter of a consumer beyond a checkpoint whose document is not known.</summary>
    public DeadLetter? FindOpenWithoutKey(string consumer, long checkpoint) =>
        _rows.Values.FirstOrDefault(letter =>
            letter.Consumer == consumer && letter.Position > checkpoint && letter.IsOpen && letter.Key.Length == 0);

    /// <summary>A consumer with the number of its letters.</summary>
    public ConsumerRecord CountFor(ConsumerRecord record)
    {
        if (_rows.Count == 0)
            return record;
        var open = _rows.Values.Where(letter =>
            letter.IsOpen && letter.Consumer == record.Consumer && letter.Partition == record.Partition).ToList();
        return record with
        {
            OpenDeadLetters = open.Count,
            ReleasedDeadLetters = open.Count(letter => letter.State == DeadLetterState.Released),
        };
    }
}
