namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of filtered log reads and counts. The checks compare the results with the filter's own evaluation.
/// </summary>
internal static class FilterChecks
{
    private static readonly string[] Types =
    [
        "order.placed",
        "order.paid",
        "order",
        "ORDER.PLACED",
        "order_placed",
        "order%",
        "ä",
    ];
    private static readonly string?[] Sources = [null, "shop", "Shop", "shop ", "sho", "%"];
    private static readonly string[] Streams =
    [
        "order-1", "order-10", "order-2", "Order-1", "order", "order%", "order_1", "o'rder", "😀-1", "ä-1",
    ];

    private static readonly string[] Prefixes =
    [
        "",
        "o",
        "order",
        "order-",
        "order-1",
        "order-10",
        "order-100",
        "Order",
        "order%",
        "order_",
        "%",
        "_",
        "o'",
        "😀",
        "ä",
        "none",
    ];

    private static readonly Tag[] Tags =
    [
        new("customer", "42"),
        new("customer", "4"),
        new("Customer", "42"),
        new("country", "DE"),
        new("a", "b:c"),
        new("x", ""),
        new("t", "%"),
        new("😀", "😀"),
    ];

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "Events are read and counted by type",
            probe => Each(probe, Types.Append("none").Select(type => EventFilter.OfTypes(type)))),
        new("Events are read and counted by several types", SeveralTypes),
        new(
            "Events are read and counted by tag",
            probe => Each(probe, Tags.Append(new Tag("n", "one")).Select(tag => EventFilter.WithTags(tag)))),
        new("Events are read and counted by several tags that they must all have", SeveralTags),
        new("Events are read and counted by the prefix of their stream's name", ByPrefix),
        new("Events are read and counted by source", BySource),
        new("Events are read and counted by correlation", ByCorrelation),
        new("Events are read and counted from a time on, and before a time", ByTime),
        new("Events are read and counted by every combination of restrictions", Combinations),
    ];

    private static Task SeveralTypes(StorageProbe probe) =>
        Each(
            probe,
            [
                EventFilter.OfTypes("order.placed", "order.paid"),
                EventFilter.OfTypes("none", "order"),
                EventFilter.OfTypes(Types),
                EventFilter.OfTypes("x", "y"),
            ]
        );

    private static Task SeveralTags(StorageProbe probe) => Each(
        probe, Tags.SelectMany(first => Tags.Select(second => EventFilter.WithTags(first, second))));

    private static Task ByPrefix(StorageProbe probe) => Each(
        probe, Prefixes.Select(EventFilter.InStreams));

    private static Task BySource(StorageProbe probe) => Each(
        probe, Sources.OfType<string>().Append("none").Select(source => new EventFilter { Source = source }));

    private static Task ByCorrelation(StorageProbe probe) => Each(
        probe, Enumerable.Range(1000, 5).Select(number => new EventFilter { CorrelationId = Sample.Id(number) }));

    private static async Task ByTime(StorageProbe probe)
    {
        var all = await Fill(probe);
        var times = all.Select(one => one.Timestamp).Distinct().ToList();
        DateTimeOffset[] bounds =
        [
            times[0],
            times[0] - TimeSpan.FromTicks(10),
            times[0] + TimeSpan.FromTicks(10),
            times[^1],
            times[^1] + TimeSpan.FromTicks(10),
            times[times.Count / 2],
            times[times.Count / 2] + TimeSpan.FromTicks(1),
            times[times.Count / 2].ToOffset(TimeSpan.FromHours(5)),
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
        ];
        foreach (var bound in bounds)
        {
            await Compare(probe, all, new EventFilter { From = bound });
            await Compare(probe, all, new EventFilter { To = bound });
            foreach (var other in bounds)
                await Compare(probe, all, new EventFilter { From = bound, To = other });
        }
    }

    private static async Task Combinations(StorageProbe probe)
    {
        var all = await Fill(probe);
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            var filter = new EventFilter
            {
                Types = random.Next(2) == 0 ? [] : [Pick(Types, random), Pick(Types, random)],
                Tags = random.Next(3) > 0 ? [] : [Pick(Tags, random)],
                StreamPrefix = random.Next(3) > 0 ? null : Pick(Streams, random)[..2],
                Source = random.Next(3) > 0 ? null : Pick(Sources, random),
                CorrelationId = random.Next(3) > 0 ? null : Sample.Id(1000 + random.Next(4)),
                From = random.Next(3) > 0 ? null : Pick(all, random).Timestamp,
                To = random.Next(3) > 0 ? null : Pick(all, random).Timestamp,
            };
            await Compare(probe, all, filter);
        }
    }

    private static async Task Each(StorageProbe probe, IEnumerable<EventFilter> filters)
    {
        var all = await Fill(probe);
        foreach (var filter in filters)
            await Compare(probe, all, filter);
    }

    private static async Task Compare(StorageProbe probe, List<RecordedEvent> all, EventFilter filter)
    {
        var expected = all.Where(filter.Matches).Select(one => one.Position).ToList();
        Expect.Same(expected, (await probe.ReadLog(filter)).Select(one => one.Position), $"{filter}");
        Expect.Equal(expected.Count, await probe.Log.Count(filter, probe.Cancel), $"the count of {filter}");
        expected.Reverse();
        Expect.Same(
            expected, (await probe.ReadLogBackwards(filter)).Select(one => one.Position), $"{filter}, backwards");
        var half = all.Count / 2;
        var late = await probe.ReadLog(filter, from: half);
        Expect.Same(
            expected.Where(position => position >= half).Reverse(),
            late.Select(one => one.Position),
            $"{filter} from position {half}");
        var early = await probe.ReadLogBackwards(filter, from: half);
        Expect.Same(
            expected.Where(position => position <= half),
            early.Select(one => one.Position),
            $"{filter} backwards from position {half}");
    }

    /// <summary>
    /// Fills a log so that each restriction matches some events and several commits have the same time.
    /// </summary>
    private static async Task<List<RecordedEvent>> Fill(StorageProbe probe)
    {
        var random = new Random(1);
        for (var i = 0; i < 120; i++)
        {
            await probe.Append(Pick(Streams, random), ExpectedVersion.Any, new EncodedEvent
            {
                Id = Sample.Id(i),
                Type = Pick(Types, random),
                Payload = default,
                Source = Pick(Sources, random),
                CorrelationId = random.Next(3) == 0 ? null : Sample.Id(1000 + random.Next(4)),
                Tags = [.. Tags.Where(_ => random.Next(4) == 0)],
            });
            if (random.Next(3) == 0)
                probe.Now -= TimeSpan.FromMilliseconds(1);
        }
        return await probe.ReadLog();
    }

    private static T Pick<T>(IReadOnlyList<T> from, Random random) => from[random.Next(from.Count)];
}
