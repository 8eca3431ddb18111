
namespace Millrace.Cli.Charts;

/// <summary>Counts events by time and by type.</summary>
internal sealed class EventCounts(OpenStore open, EventFilter filter)
{
    /// <summary>Returns the times of the first and the last matching event, or null when no event matches.</summary>
    public async Task<(DateTimeOffset First, DateTimeOffset Last)?> Span(CancellationToken cancellationToken)
    {
        var first = await FindEdgeEvent(isBackwards: false, cancellationToken);
        var last = await FindEdgeEvent(isBackwards: true, cancellationToken);
        return first is null || last is null ? null : (first.Timestamp, last.Timestamp);
    }

    /// <summary>Returns the number of events in each time bucket. Empty buckets are included.</summary>
    public async Task<List<(DateTimeOffset From, long Events)>> ByTime(
        TimeBuckets buckets,
        DateTimeOffset first,
        DateTimeOffset last,
        int maxBuckets,
        CancellationToken cancellationToken)
    {
        // Starts with the latest bucket, so that the work does not depend on the length of the log.
        var starts = new List<DateTimeOffset>();
        for (var start = buckets.StartOf(last); starts.Count < maxBuckets; start = buckets.Previous(start))
        {
            starts.Add(start);
            if (start <= first)
                break;
        }
        var counts = new List<(DateTimeOffset, long)>();
        starts.Reverse();
        foreach (var start in starts)
            counts.Add((start, await open.Store.Count(Within(start, buckets.Next(start)), cancellationToken)));
        return counts;
    }

    /// <summary>Returns the number of events of each type, most frequent first.</summary>
    public async Task<List<(string Type, long Events)>> ByType(CancellationToken cancellationToken)
    {
        var info = await open.Store.GetInfo(cancellationToken);
        if (filter.IsAll)
            return [.. info.Types.Select(type => (type.Type, type.Events))];
        var counts = new List<(string Type, long Events)>();
        foreach (var type in info.Types.Where(type => filter.Types.Count == 0 || filter.Types.Contains(type.Type)))
        {
            var events = await open.Store.Count(filter with { Types = [type.Type] }, cancellationToken);
            if (events > 0)
                counts.Add((type.Type, events));
        }
        return [.. counts.OrderByDescending(one => one.Events).ThenBy(one => one.Type, StringComparer.Ordinal)];
    }

    private EventFilter Within(DateTimeOffset from, DateTimeOffset to) => filter with
    {
        From = filter.From is { } filterFrom && filterFrom > from ? filterFrom : from,
        To = filter.To is { } filterTo && filterTo < to ? filterTo : to,
    };

    private async Task<RecordedEvent?> FindEdgeEvent(bool isBackwards, CancellationToken cancellationToken)
    {
        var events = isBackwards
            ? open.Store.ReadLogBackwards(filter, cancellationToken: cancellationToken)
            : open.Store.ReadLog(filter, cancellationToken: cancellationToken);
        await foreach (var recorded in events)
            return recorded;
        return null;
    }
}
