using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>Goes through pages to their end and checks that each is as promised: within its limit, in order, and
/// pointing on.</summary>
internal static class PageWalk
{
    public static async Task<List<RecordedEvent>> Forwards(
        Func<long, ValueTask<EventPage>> read, Func<RecordedEvent, long> placeOf, long from, int limit)
    {
        var all = new List<RecordedEvent>();
        for (var next = from; ;)
        {
            var page = await read(next);
            CheckLimit(page, limit);
            foreach (var recorded in page.Events)
            {
                var least = all.Count == 0 ? next : Math.Max(next, placeOf(all[^1]) + 1);
                Expect.True(
                    placeOf(recorded) >= least,
                    $"a page from {next} on holds {placeOf(recorded)}, where at least {least} was due");
                all.Add(recorded);
            }
            if (page.Events.Count > 0)
                Expect.True(
                    page.Next > placeOf(all[^1]),
                    $"the next page begins at {page.Next}, not behind the last event, {placeOf(all[^1])}");
            if (page.IsEnd)
                return all;
            Expect.True(page.Next > next, $"a page from {next} on points to {page.Next}: whoever follows never ends");
            next = page.Next;
        }
    }

    public static async Task<List<RecordedEvent>> Backwards(
        Func<long, ValueTask<EventPage>> read, Func<RecordedEvent, long> placeOf, long from, int limit)
    {
        var all = new List<RecordedEvent>();
        for (var next = from; ;)
        {
            var page = await read(next);
            CheckLimit(page, limit);
            foreach (var recorded in page.Events)
            {
                var most = all.Count == 0 ? next : Math.Min(next, placeOf(all[^1]) - 1);
                Expect.True(
                    placeOf(recorded) <= most,
                    $"a page backwards from {next} holds {placeOf(recorded)}, where at most {most} was due");
                all.Add(recorded);
            }
            if (page.Events.Count > 0)
                Expect.True(
                    page.Next < placeOf(all[^1]),
                    $"the next page begins at {page.Next}, not before the last event, {placeOf(all[^1])}");
            if (page.IsEnd)
                return all;
            Expect.True(
                page.Next < next, $"a page backwards from {next} points to {page.Next}: whoever follows never ends");
            next = page.Next;
        }
    }

    private static void CheckLimit(EventPage page, int limit) =>
        Expect.True(page.Events.Count <= limit, $"a page of at most {limit} events holds {page.Events.Count}");
}
