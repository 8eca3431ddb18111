namespace Millrace.Storage.InMemory;

/// <summary>Reads pages of events from memory. The caller must hold the lock of the data.</summary>
internal static class InMemoryPages
{
    public static EventPage OfStream(EventTable table, StreamTable streams, StreamPageQuery query)
    {
        var events = new List<RecordedEvent>();
        var row = streams.Find(query.Stream);
        var (first, last) = row is { Head.State: StreamState.Open }
            ? (row.Head.FirstVersion, row.Head.Version)
            : (1, 0);
        var step = query.IsBackwards ? -1 : 1;
        var version = query.IsBackwards ? Math.Min(query.From, last) : Math.Max(query.From, first);
        for (; version >= first && version <= last && events.Count < query.Limit; version += step)
        {
            // The event of a visible version always exists, because only events before the first visible version are
            // removed.
            events.Add(table.Find(row!.PositionOf(version))!.ToRecorded());
        }
        var isEnd = query.IsBackwards ? version < first : version > last;
        return new EventPage(events, query.IsBackwards ? Math.Max(version, 0) : version, isEnd);
    }

    public static EventPage OfLog(EventTable table, LogPageQuery query) =>
        query.IsBackwards ? Backwards(table, query) : Forwards(table, query);

    private static EventPage Forwards(EventTable table, LogPageQuery query)
    {
        var events = new List<RecordedEvent>();
        var candidates = table.CandidatesOf(query.Filter);
        var next = table.FindNext(query.Filter, candidates, query.From);
        for (
            ;
            next is not null && events.Count < query.Limit;
            next = table.FindNext(query.Filter, candidates, next.Position + 1))
            events.Add(next.ToRecorded());
        return next is null
            ? new EventPage(events, Math.Max(query.From, table.LastPosition + 1), IsEnd: true)
            : new EventPage(events, next.Position, IsEnd: false);
    }

    private static EventPage Backwards(EventTable table, LogPageQuery query)
    {
        var events = new List<RecordedEvent>();
        var candidates = table.CandidatesOf(query.Filter);
        var next = table.FindPrevious(query.Filter, candidates, query.From);
        for (
            ;
            next is not null && events.Count < query.Limit;
            next = table.FindPrevious(query.Filter, candidates, next.Position - 1))
            events.Add(next.ToRecorded());
        return next is null
            ? new EventPage(events, 0, IsEnd: true)
            : new EventPage(events, next.Position, IsEnd: false);
    }
}
