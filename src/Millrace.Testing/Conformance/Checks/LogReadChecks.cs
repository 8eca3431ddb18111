using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of log pages and of events that are found by id.</summary>
internal static class LogReadChecks
{
    private const int Events = 40;

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("The log is read forwards from any position, in pages of any size", Forwards),
        new("The log is read backwards from any position, in pages of any size", Backwards),
        new(
            "Consecutive pages contain the whole log, including events committed during the reads",
            Consecutive_pages),
        new("A page of the log indicates whether it is the last page", The_end),
        new(
            "A read from an earlier end returns the new end, and the events between unless they exceed the limit",
            Updates),
        new("A page after the end of the log is empty, and a later read can continue from it", After_the_end),
        new("Pages of a filter that matches little reach the end of the log", Rare_events),
        new("An event is found by its id, and a missing one is not", By_id),
        new("An event is found by its id in the requested stream", By_id_in_a_stream),
        new("An event is the same when it is read from its stream, from the log and by its id", The_same_everywhere),
        new("The next read after a commit contains its events", Read_at_once),
        new("The types of all events are listed once, in the byte order of their names", Event_types),
    ];

    private static async Task Event_types(StorageProbe probe)
    {
        Expect.Same([], await probe.Log.ListEventTypes(probe.Cancel), "the types of an empty log");
        string[] types = ["b.done", "a.done", "B.done", "é.done", "b.done", "\U0001F600.done", "\uFF5E.done"];
        foreach (var (number, type) in types.Index())
            await probe.Append("a", ExpectedVersion.Any, Sample.Event(number, type));
        await probe.Append(
            "b", ExpectedVersion.Any, Sample.Event(100, "removed.done"), Sample.Event(101, "a.done"));
        await probe.Do(Sample.Remove(Sample.Removal("b", RemovalKind.Truncate, before: 2)));
        Expect.Same(
            ["B.done", "a.done", "b.done", "é.done", "\uFF5E.done", "\U0001F600.done"],
            await probe.Log.ListEventTypes(probe.Cancel),
            "the types");
    }

    private static async Task Forwards(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, 3, Events - 1, Events, Events + 1 })
        {
            foreach (var from in new[] { 1, 2, 20, Events })
            {
                var read = await probe.ReadLog(from: from, limit: limit);
                Expect.Same(
                    Numbers(from, Events),
                    read.Select(one => one.Position),
                    $"positions from {from} in pages of {limit}");
            }
        }
    }

    private static async Task Backwards(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, 3, Events - 1, Events, Events + 1 })
        {
            foreach (var from in new[] { long.MaxValue, Events + 5, Events, 20, 1 })
            {
                var read = await probe.ReadLogBackwards(from: from, limit: limit);
                var expected = Numbers(1, Math.Min(from, Events)).Reverse();
                Expect.Same(
                    expected, read.Select(one => one.Position), $"positions backwards from {from} in pages of {limit}");
            }
        }
    }

    private static async Task Consecutive_pages(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, 3, Events - 1, Events, Events + 1 })
        {
            await using var forwards = probe.Log.ReadPages(new LogPageQuery(EventFilter.All, 5, false, limit));
            await using var backwards = probe.Log.ReadPages(new LogPageQuery(EventFilter.All, Events - 5, true, limit));

            var read = await PageWalk.Forwards(_ => forwards.Next(probe.Cancel), one => one.Position, 5, limit);
            var back = await PageWalk.Backwards(
                _ => backwards.Next(probe.Cancel), one => one.Position, Events - 5, limit);

            Expect.Same(Numbers(5, Events), read.Select(one => one.Position), $"positions in pages of {limit}");
            Expect.Same(
                Numbers(1, Events - 5).Reverse(),
                back.Select(one => one.Position),
                $"positions backwards in pages of {limit}");
        }
        await using var pages = probe.Log.ReadPages(new LogPageQuery(EventFilter.All, 1, false, 5));
        var taken = new List<RecordedEvent>();
        for (var page = 0; page < 5; page++)
            taken.AddRange((await pages.Next(probe.Cancel)).Events);
        await probe.Append("late", ExpectedVersion.NoStream, Sample.Event(500));
        taken.AddRange(await PageWalk.Forwards(_ => pages.Next(probe.Cancel), one => one.Position, 26, 5));
        Expect.Same(
            Numbers(1, Events + 1),
            taken.Select(one => one.Position),
            "positions, with an event that was appended during the reads");
    }

    private static async Task Updates(StorageProbe probe)
    {
        await Fill(probe);
        var head = await probe.Log.GetHead(probe.Cancel);
        (int, int)[] cases =
        [
            (0, Events),
            (0, Events - 1),
            (Events - 3, 3),
            (Events - 3, 2),
            (Events, 5),
            (Events + 2, 5),
        ];
        foreach (var (from, limit) in cases)
        {
            var update = await probe.Log.ReadUpdate(head with { Position = from }, limit, probe.Cancel);

            Expect.Equal(head, update.Head, $"the end of the log, seen from {from}");
            var expected = from < Events && Events - from <= limit ? Numbers(from + 1, Events) : [];
            Expect.Same(
                expected, update.Events.Select(one => one.Position), $"positions after {from}, at most {limit}");
        }
        var other = await probe.Log.ReadUpdate(new LogHead(head.Epoch + 1, Events - 1), 5, probe.Cancel);
        Expect.Equal(0, other.Events.Count, "the number of events after an end of another epoch");
    }

    private static async Task The_end(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var limit in new[] { 1, Events - 1, Events, Events + 1 })
        {
            var forwards = await probe.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, limit), probe.Cancel);
            var backwards = await probe.Log.ReadLog(
                new LogPageQuery(EventFilter.All, long.MaxValue, true, limit), probe.Cancel);

            Expect.Equal(Math.Min(limit, Events), forwards.Events.Count, $"events of a page of {limit}");
            Expect.Equal(limit >= Events, forwards.IsEnd, $"whether a page of {limit} is the last");
            Expect.Equal(
                Math.Min(limit, Events) + 1, forwards.Next, $"the position to continue from after a page of {limit}");
            Expect.Equal(Math.Min(limit, Events), backwards.Events.Count, $"events of a page of {limit} backwards");
            Expect.Equal(limit >= Events, backwards.IsEnd, $"whether a page of {limit} backwards is the last");
        }
    }

    private static async Task After_the_end(StorageProbe probe)
    {
        await Fill(probe);

        var page = await probe.Log.ReadLog(new LogPageQuery(EventFilter.All, Events + 1, false, 5), probe.Cancel);
        Expect.Equal((0, Events + 1L, true), (page.Events.Count, page.Next, page.IsEnd), "the page after the end");
        await probe.Append("late", ExpectedVersion.NoStream, Sample.Event(500));
        var later = await probe.Log.ReadLog(new LogPageQuery(EventFilter.All, page.Next, false, 5), probe.Cancel);

        Expect.Same([500], later.Events.Select(BatchChecks.NumberOf), "the same page after another append");
    }

    private static async Task Rare_events(StorageProbe probe)
    {
        for (var i = 0; i < 300; i++)
            await probe.Append($"s-{i % 10}", ExpectedVersion.Any, Sample.Event(i, i is 7 or 150 ? "rare" : "common"));

        Expect.Same(
            [8, 151],
            (await probe.ReadLog(EventFilter.OfTypes("rare"), limit: 1)).Select(one => one.Position),
            "the rare events");
        Expect.Same(
            [151, 8],
            (await probe.ReadLogBackwards(EventFilter.OfTypes("rare"), limit: 1)).Select(one => one.Position),
            "the rare events backwards");
        Expect.Equal(0, (await probe.ReadLog(EventFilter.OfTypes("never"))).Count, "events that do not exist");
        var page = await probe.Log.ReadLog(new LogPageQuery(EventFilter.OfTypes("never"), 1, false, 10), probe.Cancel);
        for (var pages = 1; !page.IsEnd; pages++)
        {
            Expect.True(pages < 300, "the pages do not end");
            page = await probe.Log.ReadLog(
                new LogPageQuery(EventFilter.OfTypes("never"), page.Next, false, 10), probe.Cancel);
        }
        await probe.Append("late", ExpectedVersion.NoStream, Sample.Event(900, "never"));
        var later = await probe.Log.ReadLog(
            new LogPageQuery(EventFilter.OfTypes("never"), page.Next, false, 10), probe.Cancel);
        Expect.Same([900], later.Events.Select(BatchChecks.NumberOf), "the page after the end, after another append");
    }

    private static async Task By_id(StorageProbe probe)
    {
        await Fill(probe);

        foreach (var number in new[] { 0, 1, 17, Events - 1 })
        {
            var found = Expect.NotNull(await probe.Log.FindEvent(Sample.Id(number), probe.Cancel), $"event {number}");
            Expect.Equal((Sample.Id(number), number + 1L), (found.Id, found.Position), $"event {number}");
        }
        Expect.Equal(null, await probe.Log.FindEvent(Sample.Id(Events), probe.Cancel), "a missing event");
        Expect.Equal(null, await probe.Log.FindEvent(Guid.Empty, probe.Cancel), "the empty id");
    }

    private static async Task By_id_in_a_stream(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.NoStream, Sample.Events(1, 2));
        await probe.Append("b", ExpectedVersion.NoStream, Sample.Events(2, 2));
        await probe.Append("b", ExpectedVersion.Exactly(2), Sample.Event(2));

        async Task ExpectAt(long position, string stream, int number)
        {
            var found = await probe.Log.FindEvent(new StreamId(stream), Sample.Id(number), probe.Cancel);
            Expect.Equal(position, found?.Position ?? 0, $"the position of event {number} in stream '{stream}'");
        }
        await ExpectAt(1, "a", 1);
        await ExpectAt(2, "a", 2);
        await ExpectAt(0, "a", 3);
        await ExpectAt(0, "b", 1);
        await ExpectAt(3, "b", 2); // The first of the two.
        await ExpectAt(4, "b", 3);
        await ExpectAt(0, "c", 1);
        FidelityChecks.ExpectSame(
            (await probe.ReadLog())[2],
            Expect.NotNull(
                await probe.Log.FindEvent(new StreamId("b"), Sample.Id(2), probe.Cancel), "the event in its stream"));
    }

    private static async Task The_same_everywhere(StorageProbe probe)
    {
        await Fill(probe);
        foreach (var fromLog in await probe.ReadLog())
        {
            var byId = Expect.NotNull(await probe.Log.FindEvent(fromLog.Id, probe.Cancel), "the event by its id");
            var fromStream = (await probe.ReadStream(fromLog.Stream.Value, fromLog.Version)).First();
            FidelityChecks.ExpectSame(fromLog, byId);
            FidelityChecks.ExpectSame(fromLog, fromStream);
        }
    }

    private static async Task Read_at_once(StorageProbe probe)
    {
        for (var i = 1; i <= 100; i++)
        {
            await probe.Append("a", ExpectedVersion.AsRead(i - 1), Sample.Event(i));
            Expect.Equal(i, await probe.LastPosition(), "the head of the log");
            Expect.Equal(i, (await probe.Head("a")).Version, "the version of the stream");
            var page = await probe.Log.ReadLog(new LogPageQuery(EventFilter.All, i, false, 10), probe.Cancel);
            Expect.Same([i], page.Events.Select(BatchChecks.NumberOf), "the event that was just committed");
        }
    }

    private static async Task Fill(StorageProbe probe)
    {
        for (var i = 0; i < Events; i++)
            await probe.Append($"s-{i % 5}", ExpectedVersion.Any, Sample.Event(i));
    }

    private static IEnumerable<long> Numbers(long first, long last) =>
        Enumerable.Range((int)first, (int)(last - first + 1)).Select(number => (long)number);
}
