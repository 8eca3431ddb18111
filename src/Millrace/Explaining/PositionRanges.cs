namespace Millrace.Explaining;

/// <summary>
/// The positions of a document's events as ranges, in a bounded size. Positions that are close together are one range.
/// If there are too many ranges, those with the smallest gaps are joined, so that ranges can contain other events.
/// </summary>
internal sealed class PositionRanges
{
    /// <summary>The largest gap within a range. Reading more events is cheaper than another read.</summary>
    private const int MaxGap = 32;

    private const int MaxRanges = 4_096;

    private List<Range> _ranges;

    public PositionRanges()
        : this([])
    {
    }

    private PositionRanges(List<Range> ranges) => _ranges = ranges;

    /// <summary>Gets the ranges in the order of their positions.</summary>
    public IReadOnlyList<(long First, long Last)> Ranges =>
        [.. _ranges.Select(static range => (range.First, range.Last))];

    /// <summary>Gets the number of events that the search read in all ranges.</summary>
    public long Events => _ranges.Sum(static range => range.LastNumber - range.FirstNumber + 1);

    /// <summary>Adds a position. It must not be lower than the last position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="number">The number of the event among all events that the search reads.</param>
    public void Add(long position, long number)
    {
        if (_ranges is [.., var last] && position - last.Last <= MaxGap)
            _ranges[^1] = last with { Last = Math.Max(last.Last, position), LastNumber = number };
        else
            _ranges.Add(new Range(position, position, number, number));
        if (_ranges.Count > MaxRanges)
            _ranges = Joined(MaxRanges / 2);
    }

    /// <summary>Returns ranges that can be written in at most a number of bytes.</summary>
    public PositionRanges Fit(int maxBytes)
    {
        var fitting = this;
        for (var max = _ranges.Count * 3 / 4; fitting.Write().Length > maxBytes && max >= 1; max = max * 3 / 4)
            fitting = new PositionRanges(Joined(max));
        return fitting;
    }

    /// <summary>Writes the gap before each range, and the length of each range of several positions.</summary>
    public byte[] Write()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        var end = 0L;
        foreach (var (first, last, _, _) in _ranges)
        {
            var isRun = last > first;
            writer.Write7BitEncodedInt64(((first - end) * 2) + (isRun ? 1 : 0));
            if (isRun)
                writer.Write7BitEncodedInt64(last - first);
            end = last;
        }
        return bytes.ToArray();
    }

    /// <summary>Reads ranges up to the end of the bytes.</summary>
    /// <exception cref="FormatException">The bytes are not ranges up to a position.</exception>
    public static PositionRanges Read(BinaryReader reader, long until)
    {
        var ranges = new PositionRanges();
        var (last, stream) = (0L, reader.BaseStream);
        while (stream.Position < stream.Length)
        {
            var (gap, isRun) = Math.DivRem(reader.Read7BitEncodedInt64(), 2);
            var length = isRun == 1 ? reader.Read7BitEncodedInt64() : 0;
            if (gap < 1 || length < 0 || gap > until - last || length > until - last - gap)
                throw new FormatException();
            var first = last + gap;
            ranges._ranges.Add(new Range(first, first + length, first, first + length));
            last += gap + length;
        }
        return ranges;
    }

    /// <summary>Returns at most a number of ranges that contain all positions and have the largest gaps.</summary>
    private List<Range> Joined(int max)
    {
        var gaps = new long[_ranges.Count - 1];
        for (var i = 0; i < gaps.Length; i++)
            gaps[i] = _ranges[i + 1].First - _ranges[i].Last;
        Array.Sort(gaps);
        var minGap = max > 1 ? gaps[^(max - 1)] : long.MaxValue;
        var joined = new List<Range>(max) { _ranges[0] };
        foreach (var range in _ranges.Skip(1))
        {
            if (range.First - joined[^1].Last >= minGap && joined.Count < max)
                joined.Add(range);
            else
                joined[^1] = range with { First = joined[^1].First, FirstNumber = joined[^1].FirstNumber };
        }
        return joined;
    }

    /// <summary>A range of positions, with the numbers of its first and last event among those read.</summary>
    private readonly record struct Range(long First, long Last, long FirstNumber, long LastNumber);
}
