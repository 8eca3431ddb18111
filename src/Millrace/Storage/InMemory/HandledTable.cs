namespace Millrace.Storage.InMemory;

/// <summary>The ids of handled commands and messages. Each id is stored until its time window expires.</summary>
internal sealed class HandledTable
{
    private readonly Dictionary<(string Scope, string Id), (HandledAnswer Answer, DateTimeOffset Until)> _rows = [];
    private readonly PriorityQueue<(string Scope, string Id), DateTimeOffset> _byExpiry = new();

    public HandledAnswer? Find(string scope, string id, DateTimeOffset now) =>
        _rows.TryGetValue((scope, id), out var row) && row.Until > now ? row.Answer : null;

    /// <summary>Lists the answers that are not empty, ordered by scope and id.</summary>
    public IReadOnlyList<HandledRecord> List(HandledRecord? after, int limit, DateTimeOffset now) =>
    [
        .. _rows
            .Where(row => row.Value.Until > now && !row.Value.Answer.Answer.IsEmpty)
            .Select(static row => new HandledRecord(row.Key.Scope, row.Key.Id, row.Value.Answer, row.Value.Until))
            .Where(record => after is null || Compare(record, after) > 0)
            .Order(Comparer<HandledRecord>.Create(Compare))
            .Take(limit),
    ];

    private static int Compare(HandledRecord one, HandledRecord other) =>
        string.CompareOrdinal(one.Scope, other.Scope) is not 0 and var order
            ? order
            : string.CompareOrdinal(one.Id, other.Id);

    public void Add(HandledMark mark, long position)
    {
        _rows[(mark.Scope, mark.Id)] = (new HandledAnswer(mark.Answer, position), mark.Until);
        _byExpiry.Enqueue((mark.Scope, mark.Id), mark.Until);
    }

    /// <summary>Removes all ids of the scopes whose names start with a prefix.</summary>
    public void RemoveByPrefix(string prefix)
    {
        foreach (var key in _rows.Keys.Where(key => key.Scope.StartsWith(prefix, StringComparison.Ordinal)).ToArray())
            _rows.Remove(key);
    }

    /// <summary>Removes ids whose time window has expired.</summary>
    public void RemoveExpired(DateTimeOffset now)
    {
        while (_byExpiry.TryPeek(out var key, out var until) && until <= now)
        {
            _byExpiry.Dequeue();
            if (_rows.TryGetValue(key, out var row) && row.Until <= now)
                _rows.Remove(key);
        }
    }
}
