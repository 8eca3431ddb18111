namespace Millrace;

/// <summary>
/// The aggregates used lately, by stream, bounded; the longest unused goes first. One that is taken is out until it is put back, so that
/// no two
/// commands ever share it.
/// </summary>
internal sealed class HotStreams(int capacity)
{
    private const int None = -1;
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamId, int> _index = [];
    private Slot[] _slots = [];
    private int _newest = None;
    private int _oldest = None;
    private int _free = None;

    public int Count
    {
        get
        {
            lock (_lock)
                return _index.Count;
        }
    }

    /// <summary>Takes the aggregate of a stream out, or returns null.</summary>
    public object? Take(StreamId stream)
    {
        lock (_lock)
        {
            if (!_index.Remove(stream, out var place))
                return null;
            var aggregate = _slots[place].Aggregate;
            Release(place);
            return aggregate;
        }
    }

    /// <summary>Puts an aggregate in, instead of any other of its stream.</summary>
    public void Put(StreamId stream, object aggregate)
    {
        if (capacity == 0)
            return;
        lock (_lock)
        {
            if (_index.Remove(stream, out var before))
                Release(before);
            if (_index.Count == capacity)
            {
                var oldest = _oldest;
                _index.Remove(_slots[oldest].Stream);
                Release(oldest);
            }
            var place = Rent();
            _slots[place] = new Slot { Stream = stream, Aggregate = aggregate, Older = _newest, Newer = None };
            if (_newest != None)
                _slots[_newest].Newer = place;
            else
                _oldest = place;
            _newest = place;
            _index.Add(stream, place);
        }
    }

    private int Rent()
    {
        if (_free == None)
            Grow();
        var place = _free;
        _free = _slots[place].Older;
        return place;
    }

    private void Grow()
    {
        var size = _slots.Length;
        Array.Resize(ref _slots, Math.Min(capacity, Math.Max(16, size * 2)));
        for (var i = _slots.Length - 1; i >= size; i--)
        {
            _slots[i].Older = _free;
            _free = i;
        }
    }

    /// <summary>Takes a slot out of the order and frees it.</summary>
    private void Release(int place)
    {
        var slot = _slots[place];
        if (slot.Newer != None)
            _slots[slot.Newer].Older = slot.Older;
        else
            _newest = slot.Older;
        if (slot.Older != None)
            _slots[slot.Older].Newer = slot.Newer;
        else
            _oldest = slot.Newer;
        _slots[place] = new Slot { Older = _free };
        _free = place;
    }

    private struct Slot
    {
        public StreamId Stream;
        public object? Aggregate;
        public int Older;
        public int Newer;
    }
}
