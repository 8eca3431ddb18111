namespace Millrace.Storage.InMemory;

/// <summary>The dead letters in memory, ordered by number.</summary>
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
        var deadLetter = change.DeadLetter;
        var key = (deadLetter.Consumer, deadLetter.Partition, deadLetter.Position, deadLetter.Key);
        if (change.IsRemoval)
        {
            _rows.Remove(deadLetter.Id);
            _ids.Remove(key);
            return;
        }
        var id = deadLetter.Id == 0 ? ++_lastId : deadLetter.Id;
        // The cast is needed, because null without a cast would be converted to empty bytes.
        var payload = deadLetter.EditedPayload is { } edited ? edited.ToArray() : (ReadOnlyMemory<byte>?)null;
        _rows[id] = deadLetter with { Id = id, Revision = deadLetter.Revision + 1, EditedPayload = payload };
        _ids[key] = id;
    }

    /// <summary>
    /// Removes the open dead letters of a consumer after a checkpoint. Dead letters with a decision are kept, as
    /// <see cref="DeadLetter.AfterReset"/> defines.
    /// </summary>
    public void RemoveOpen(string consumer, long checkpoint)
    {
        var removed = _rows
            .Values.Where(row => row.Consumer == consumer && row.Position > checkpoint && row.IsOpen)
            .ToArray();
        foreach (var row in removed)
            Apply(
                row.AfterReset() is { } changed
                    ? new DeadLetterChange(changed)
                    : new DeadLetterChange(row, IsRemoval: true));
    }

    /// <summary>Removes all dead letters of the consumers whose names start with a prefix.</summary>
    public void RemoveByPrefix(string prefix)
    {
        foreach (var row in _rows
                .Values.Where(row => row.Consumer.StartsWith(prefix, StringComparison.Ordinal))
                .ToArray())
            Apply(new DeadLetterChange(row, IsRemoval: true));
    }

    /// <summary>Finds an open dead letter of a consumer after a checkpoint whose document is unknown.</summary>
    public DeadLetter? FindOpenWithoutKey(string consumer, long checkpoint) =>
        _rows.Values.FirstOrDefault(row =>
            row.Consumer == consumer && row.Position > checkpoint && row.IsOpen && row.Key.Length == 0);

    /// <summary>Returns the consumer record with the numbers of its dead letters.</summary>
    public ConsumerRecord CountFor(ConsumerRecord record)
    {
        if (_rows.Count == 0)
            return record;
        var open = _rows.Values.Where(row =>
            row.IsOpen && row.Consumer == record.Consumer && row.Partition == record.Partition).ToList();
        return record with
        {
            OpenDeadLetters = open.Count,
            ReleasedDeadLetters = open.Count(row => row.State == DeadLetterState.Released),
        };
    }
}
