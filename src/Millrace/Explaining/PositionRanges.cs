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

    private List<(long First, long Last)> _ranges;

    public PositionRanges()
        : this([])
    {
    }

    private PositionRanges(List<(long First, long Last)> ranges) => _ranges = ranges;

    /// <summary>Gets the ranges in the order of their positions.</summary>
    public IReadOnlyList<(long First, long Last)> Ranges => _ranges;

    /// <summary>Gets the number of positions in all ranges.</summary>
    public long Count => _ranges.Sum(static range => range.Last - range.First + 1);

    /// <summary>Adds a position. It must not be lower than the last position.</summary>
    public void Add(long position)
    {
        if (_ranges is [.., var last] && position - last.Last <= MaxGap)
            _ranges[^1] = (last.First, Math.Max(last.Last, position));
        else
            _ranges.Add((position, position));
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
        foreach (var (first, last) in _ranges)
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
            ranges._ranges.Add((last + gap, last + gap + length));
            last += gap + length;
        }
        return ranges;
    }

    /// <summary>Returns at most a number of ranges that contain all positions and have the largest gaps.</summary>
    private List<(long First, long Last)> Joined(int max)
    {
        var gaps = new long[_ranges.Count - 1];
        for (var i = 0; i < gaps.Length; i++)
            gaps[i] = _ranges[i + 1].First - _ranges[i].Last;
        Array.Sort(gaps);
        var minGap = max > 1 ? gaps[^(max - 1)] : long.MaxValue;
        var joined = new List<(long First, long Last)>(max) { _ranges[0] };
        foreach (var range in _ranges.Skip(1))
        {
            if (range.First - joined[^1].Last >= minGap && joined.Count < max)
                joined.Add(range);
            else
                joined[^1] = (joined[^1].First, range.Last);
        }
        return joined;
    }
}
