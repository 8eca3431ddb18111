namespace Millrace.Tenancy.Moves;

/// <summary>
/// The positions of copied events in both logs, in order. It stores the differences between positions, which need a few
/// bytes for each event.
/// </summary>
internal sealed class PositionMap
{
    private const int BlockEvents = 256;
    private const byte More = 0x80;

    private readonly List<Block> _blocks = [];
    private readonly List<byte> _open = []; // The differences of the last block.
    private (long From, long To) _last;

    /// <summary>Gets the number of events.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an event, whose positions are greater than those of the last one.</summary>
    public void Add(long from, long to)
    {
        if (Count % BlockEvents == 0)
        {
            Seal();
            _blocks.Add(new Block(from, to, null));
        }
        else
        {
            Write(from - _last.From);
            Write(to - _last.To);
        }
        _last = (from, to);
        Count++;
    }

    public void Clear()
    {
        _blocks.Clear();
        _open.Clear();
        Count = 0;
    }

    /// <summary>
    /// Returns the position, in the new log, of the last copied event up to a position of the former log. Returns 0 if
    /// there is no such event.
    /// </summary>
    public long Translate(long position) => FindUpTo(position).To;

    /// <summary>Returns the position of an event in the new log; null if it was not copied.</summary>
    public long? Find(long position) =>
        FindUpTo(position) is var found && found.From == position && position > 0 ? found.To : null;

    private (long From, long To) FindUpTo(long position)
    {
        var (low, high) = (0, _blocks.Count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (_blocks[middle].From <= position)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return default;
        var block = _blocks[low - 1];
        var found = (block.From, block.To);
        IReadOnlyList<byte> differences = block.Differences is { } sealedOnes ? sealedOnes : _open;
        for (var i = 0; i < differences.Count;)
        {
            var next = (From: found.From + Read(differences, ref i), To: found.To + Read(differences, ref i));
            if (next.From > position)
                break;
            found = next;
        }
        return found;
    }

    private void Seal()
    {
        if (_blocks.Count > 0)
            _blocks[^1] = _blocks[^1] with { Differences = [.. _open] };
        _open.Clear();
    }

    private void Write(long difference)
    {
        for (; difference >= More; difference >>= 7)
            _open.Add((byte)(difference | More));
        _open.Add((byte)difference);
    }

    private static long Read(IReadOnlyList<byte> differences, ref int index)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = differences[index++];
            value |= (long)(next & ~More) << shift;
            if (next < More)
                return value;
        }
    }

    /// <summary>Consecutive events.</summary>
    /// <param name="From">The position of the first event in the former log.</param>
    /// <param name="To">Its position in the new log.</param>
    /// <param name="Differences">The differences of the following events; null for the last block.</param>
    private readonly record struct Block(long From, long To, byte[]? Differences);
}
