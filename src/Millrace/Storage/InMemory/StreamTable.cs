using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>The streams, with their heads and the positions of their events.</summary>
internal sealed class StreamTable
{
    private readonly Dictionary<StreamId, StreamRow> _rows = [];
    private readonly SortedSet<string> _names = new(CodePointOrder.Instance);

    public int Count => _rows.Count;

    public IEnumerable<KeyValuePair<StreamId, StreamRow>> Rows => _rows;

    public StreamRow? Find(StreamId stream) => _rows.GetValueOrDefault(stream);

    public StreamHead GetHead(StreamId stream) => Find(stream)?.Head ?? StreamHead.None;

    public StreamRow GetOrAdd(StreamId stream)
    {
        if (_rows.TryGetValue(stream, out var row))
            return row;
        _names.Add(stream.Value);
        return _rows[stream] = new StreamRow();
    }

    public List<StreamInfo> List(string prefix, string? after, int limit)
    {
        var found = new List<StreamInfo>();
        var start = after is not null && CodePointOrder.Instance.Compare(after, prefix) > 0 ? after : prefix;
        if (_names.Count == 0 || limit < 1 || CodePointOrder.Instance.Compare(start, _names.Max) > 0)
            return found;
        foreach (var name in _names.GetViewBetween(start, _names.Max))
        {
            if (name == after)
                continue;
            if (found.Count == limit || !name.StartsWith(prefix, StringComparison.Ordinal))
                break;
            var stream = new StreamId(name);
            var head = GetHead(stream);
            found.Add(new StreamInfo(stream, head.Version, head.FirstVersion, head.State));
        }
        return found;
    }
}
