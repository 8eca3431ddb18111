using Millrace.Storage;

namespace Millrace.Testing.Conformance;

/// <summary>
/// Reads all pages and checks the limit, the order and the next position of each page.
/// </summary>
internal static class PageWalk
{
    public static async Task<List<RecordedEvent>> Forwards(
        Func<long, ValueTask<EventPage>> read, Func<RecordedEvent, long> locationOf, long from, int limit)
    {
        var all = new List<RecordedEvent>();
        for (var next = from; ;)
        {
            var page = await read(next);
            CheckLimit(page, limit);
            foreach (var recorded in page.Events)
            {
                var minimum = all.Count == 0 ? next : Math.Max(next, locationOf(all[^1]) + 1);
                Expect.True(
                    locationOf(recorded) >= minimum,
                    $"a page from {next} on contains {locationOf(recorded)}, but at least {minimum} was expected");
                all.Add(recorded);
            }
            if (page.Events.Count > 0)
                Expect.True(
                    page.Next > locationOf(all[^1]),
                    $"the next page starts at {page.Next}, not after the last event, {locationOf(all[^1])}");
            if (page.IsEnd)
                return all;
            Expect.True(
                page.Next > next, $"a page from {next} on continues at {page.Next}, so the read would never end");
            next = page.Next;
        }
    }

    public static async Task<List<RecordedEvent>> Backwards(
        Func<long, ValueTask<EventPage>> read, Func<RecordedEvent, long> locationOf, long from, int limit)
    {
        var all = new List<RecordedEvent>();
        for (var next = from; ;)
        {
            var page = await read(next);
            CheckLimit(page, limit);
            foreach (var recorded in page.Events)
            {
                var maximum = all.Count == 0 ? next : Math.Min(next, locationOf(all[^1]) - 1);
                Expect.True(
                    locationOf(recorded) <= maximum,
                    $"a page backwards from {next} contains {locationOf(recorded)}, "
                        + $"but at most {maximum} was expected");
                all.Add(recorded);
            }
            if (page.Events.Count > 0)
                Expect.True(
                    page.Next < locationOf(all[^1]),
                    $"the next page starts at {page.Next}, not before the last event, {locationOf(all[^1])}");
            if (page.IsEnd)
                return all;
            Expect.True(
                page.Next < next,
                $"a page backwards from {next} continues at {page.Next}, so the read would never end");
            next = page.Next;
        }
    }

    private static void CheckLimit(EventPage page, int limit) =>
        Expect.True(page.Events.Count <= limit, $"a page of at most {limit} events has {page.Events.Count}");
}
