namespace Millrace.Storage.InMemory;

/// <summary>
/// The positions of events that may match a filter. The positions are in one of the index lists and within the filter's
/// time range. Without index lists, all positions in the time range are candidates.
/// </summary>
internal readonly struct Candidates(IReadOnlyList<IReadOnlyList<long>>? lists, long first, long last)
{
    /// <summary>Returns the first candidate at or after a position; 0 if there is no such candidate.</summary>
    public long Next(long from)
    {
        var start = Math.Max(from, first);
        var next = lists is null ? start : long.MaxValue;
        for (var i = 0; lists is not null && i < lists.Count; i++)
        {
            var index = LowerBound(lists[i], start);
            if (index < lists[i].Count)
                next = Math.Min(next, lists[i][index]);
        }
        return next <= last ? next : 0;
    }

    /// <summary>Returns the last candidate at or before a position; 0 if there is no such candidate.</summary>
    public long Previous(long from)
    {
        var start = Math.Min(from, last);
        var previous = lists is null ? start : 0;
        for (var i = 0; lists is not null && i < lists.Count; i++)
        {
            var index = LowerBound(lists[i], start + 1);
            if (index > 0)
                previous = Math.Max(previous, lists[i][index - 1]);
        }
        return previous >= first ? previous : 0;
    }

    private static int LowerBound(IReadOnlyList<long> list, long value)
    {
        var low = 0;
        var high = list.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (list[middle] < value)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
