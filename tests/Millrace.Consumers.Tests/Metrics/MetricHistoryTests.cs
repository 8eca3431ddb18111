using Millrace.Metrics;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Metrics;

/// <summary>Tests how the history of metrics is stored, downsampled and bounded, in virtual time.</summary>
public sealed class MetricHistoryTests
{
    private const string Rate = MonitorMetrics.EventRate;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly VirtualClock _clock = new();

    private DateTimeOffset Now => _clock.GetUtcNow();

    [Theory]
    [InlineData(StoreKind.Memory)]
    [InlineData(StoreKind.Sqlite)]
    public async Task Minutes_are_stored_for_a_week_and_hours_for_a_year(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        var start = Now;
        var hours = kind == StoreKind.Memory ? 370 * 24 : 20 * 24;
        for (var hour = 0; hour < hours; hour++)
        {
            for (var minute = 0; minute < 60; minute += 20)
            {
                node.Add(Now, (Rate, null, hour));
                _clock.Advance(20 * Minute);
            }
            await node.Write(Now);
            if (hour % 12 == 11)
                await node.Cleaner.Run(Now, CancellationToken.None);
        }

        var week = (await node.Read(Rate, Now.AddDays(-7), Now, Minute))["web"];
        var all = (await node.Read(Rate, start, Now))["web"];
        var last = (await node.Read(Rate, Now - 2 * Hour, Now))["web"];

        var expectedHours = Math.Min(hours, 366 * 24);
        Assert.Equal(7 * 24 * 3, week.Sum(point => point.Samples));
        Assert.InRange(week.Count, 7 * 24 * 3, MetricQuery.MaxPoints);
        Assert.All(week, point => Assert.True(point.Length < Hour));
        Assert.InRange(all.Sum(point => point.Samples), (expectedHours - 24) * 3, (expectedHours + 24) * 3);
        Assert.InRange(all.Count, 100, MetricQuery.MaxPoints);
        Assert.Equal(6, last.Count);
        Assert.All(last, point => Assert.Equal(Minute, point.Length));
        Assert.InRange(await node.Count(MetricStore.Minutes), 7 * 24, 8 * 24 + 13);
        Assert.InRange(await node.Count(MetricStore.Hours), Math.Min(hours / 24, 365), 367);
        Assert.Equal(0, (await node.Store.Storage.Maintenance.GetInfo(CancellationToken.None)).Events);
    }

    [Fact]
    public async Task A_coarser_resolution_has_the_average_of_the_samples()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var random = new Random(seed);
            var clock = new VirtualClock();
            await using var node = await HistoryNode.Start(new InMemoryStorage(), "web", clock);
            var (start, samples) = (clock.GetUtcNow(), new List<(DateTimeOffset Time, double Value)>());
            while (samples.Count < 600)
            {
                var value = Math.Round(random.NextDouble() * Math.Pow(10, random.Next(-3, 6)), 4);
                samples.Add((clock.GetUtcNow(), value));
                node.Add(clock.GetUtcNow(), (Rate, null, value));
                clock.Advance(TimeSpan.FromSeconds(random.Next(5, 200)));
                await node.Write(clock.GetUtcNow());
            }
            var end = clock.GetUtcNow();
            await node.Write(end, isLast: true); // Also the samples of a minute that was written before.
            foreach (var length in (TimeSpan[])[Minute, 7 * Minute, Hour, 3 * Hour])
            {
                var points = (await node.Read(Rate, start, end, length))["web"];
                Assert.Equal(samples.Count, points.Sum(point => point.Samples));
                foreach (var point in points)
                    AssertIsSummary(point, samples, seed);
            }
        }
    }

    [Fact]
    public async Task A_restarted_node_continues_its_hour()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var start = Now;
        foreach (var (value, isStopped) in ((double, bool)[])[(1, true), (3, false), (8, true)])
        {
            await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
            node.Add(Now, (Rate, null, value));
            _clock.Advance(10 * TimeSpan.FromSeconds(1));
            await node.Write(Now, isStopped); // A killed node does not release its name.
            _clock.Advance(isStopped ? TimeSpan.FromSeconds(1) : 4 * HistoryNode.Interval);
        }
        await using var reader = await HistoryNode.Start(shared.Open(), "reader", _clock);

        var points = (await reader.Read(Rate, start, Now))["web"];

        Assert.Equal(3, points.Sum(point => point.Samples));
        Assert.Equal(12, points.Sum(point => point.Average * point.Samples), 6);
    }

    [Theory]
    [StoreKinds]
    public async Task Two_nodes_with_the_same_name_do_not_overwrite_each_other(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await HistoryNode.Start(shared.Open(), "web", TimeProvider.System);
        await using var second = await HistoryNode.Start(shared.Open(), "web", TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        for (var round = 0; round < 3; round++)
        {
            first.Add(now, (Rate, null, 1));
            second.Add(now, (Rate, null, 2));
            await Task.WhenAll(first.Write(now).AsTask(), second.Write(now).AsTask());
        }
        await first.Write(now, isLast: true); // A lost race for the name is repeated.
        second.Add(now, (Rate, null, 2));
        await second.Write(now, isLast: true);

        var all = await first.Read(Rate, now - Hour, now + Hour);
        var latest = await first.History.ReadLatest(CancellationToken.None);

        Assert.Equal(["web", "web-2"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([1.0, 2.0], all.Values.Select(points => Assert.Single(points).Average).Order());
        Assert.Equal(2, latest.Select(sample => sample.Node).Distinct().Count());
    }

    [Fact]
    public async Task Samples_remain_in_memory_while_the_store_is_not_available()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var faulty = new FaultyStorage(shared.Open());
        await using var node = await HistoryNode.Start(faulty, "web", _clock);
        var start = Now;
        AddMinutes(node, 30);
        await node.Write(Now);
        faulty.FaultOf = static _ => CommitFault.Before;
        AddMinutes(node, 150);
        await Assert.ThrowsAnyAsync<StorageException>(() => node.Write(Now).AsTask());
        faulty.FaultOf = static _ => CommitFault.None;
        await node.Write(Now);

        var minutes = (await node.Read(Rate, start, Now))["web"];
        var hours = (await node.Read(Rate, start, Now, Hour))["web"];

        Assert.Equal(180, minutes.Count);
        Assert.Equal([60L, 60L, 60L], hours.Select(point => point.Samples));
        Assert.Equal(0, node.Buffer.DroppedSamples);
    }

    [Fact]
    public async Task A_long_outage_drops_the_oldest_hours_and_counts_them()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        var start = Now;
        AddMinutes(node, (HistoryBuffer.MaxHours + 2) * 60);
        await node.Write(Now);

        var points = (await node.Read(Rate, start, Now))["web"];

        Assert.Equal(2 * 60, node.Buffer.DroppedSamples);
        Assert.Equal(HistoryBuffer.MaxHours * 60, points.Count);
        Assert.Equal(start + 2 * Hour, points[0].Start);
    }

    [Fact]
    public async Task The_history_of_a_node_that_is_gone_is_downsampled_and_removed()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var gone = await HistoryNode.Start(shared.Open(), "gone", _clock);
        var start = Now;
        AddMinutes(gone, 30);
        await gone.Write(Now); // The hour is not over, and the node is killed.
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);

        _clock.Advance(TimeSpan.FromDays(8));
        await node.Cleaner.Run(Now, CancellationToken.None);
        var hours = (await node.Read(Rate, start, start + Hour))["gone"];
        var (minutesLeft, latestLeft) = (await node.Count(MetricStore.Minutes), await node.Count(MetricStore.Latest));
        _clock.Advance(TimeSpan.FromDays(366));
        await node.Cleaner.Run(Now, CancellationToken.None);

        var hour = Assert.Single(hours);
        Assert.Equal((30, Hour), (hour.Samples, hour.Length));
        Assert.Equal((0, 0), (minutesLeft, latestLeft));
        Assert.Equal(0, await node.Count(MetricStore.Hours));
    }

    [Fact]
    public async Task The_newest_samples_are_at_most_three_intervals_old()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        node.Add(Now, (Rate, null, 5), (MonitorMetrics.ConsumerLag, "orders@1", 7));
        await node.Write(Now);
        _clock.Advance(3 * HistoryNode.Interval);

        var current = await node.History.ReadLatest(CancellationToken.None);
        _clock.Advance(TimeSpan.FromSeconds(60)); // Also more than the clock of the store is remembered.
        var none = await node.History.ReadLatest(CancellationToken.None);

        Assert.Equal(
            ["consumer-lag orders@1 7", "event-rate  5"],
            current.Select(sample => FormattableString.Invariant($"{sample.Metric} {sample.Subject} {sample.Value}")));
        Assert.Empty(none);
    }

    [Fact]
    public async Task The_samples_of_a_node_that_is_gone_are_removed_after_its_name_is_not_needed()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var gone = await HistoryNode.Start(shared.Open(), "gone", _clock);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        gone.Add(Now, (Rate, null, 5));
        await gone.Write(Now);

        _clock.Advance(HistoryBuffer.MaxHours * Hour);
        await node.Cleaner.Run(Now, CancellationToken.None);
        var before = await node.Count(MetricStore.Latest);
        _clock.Advance(2 * Hour);
        await node.Cleaner.Run(Now, CancellationToken.None);

        Assert.Equal((1, 0), (before, await node.Count(MetricStore.Latest)));
    }

    [Fact]
    public async Task Samples_in_memory_are_counted_when_another_process_has_the_name()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        AddMinutes(node, 1);
        await node.Write(Now);
        AddMinutes(node, 2);
        await using var other = await HistoryNode.Start(shared.Open(), "web", _clock);
        other.Add(Now, (Rate, null, 1));
        await other.Write(Now); // The first process was frozen.
        await node.Write(Now);
        await node.Write(Now);

        Assert.Equal("web-2", node.Writer.Name);
        Assert.Equal(3, node.Buffer.DroppedSamples);
    }

    [Fact]
    public async Task A_query_without_a_range_or_with_a_short_resolution_is_refused()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);

        Assert.Empty(await node.Read(Rate, Now - Hour, Now)); // No collection exists yet.
        await Assert.ThrowsAsync<ArgumentException>(() => node.Read(Rate, Now, Now));
        await Assert.ThrowsAsync<ArgumentException>(
            () => node.Read(Rate, Now - Hour, Now, TimeSpan.FromSeconds(59)));
    }

    private static void AssertIsSummary(
        MetricPoint point, IReadOnlyList<(DateTimeOffset Time, double Value)> samples, int seed)
    {
        double[] values =
        [
            .. samples.Where(one => one.Time >= point.Start && one.Time < point.Start + point.Length)
                .Select(one => one.Value),
        ];
        Assert.True(values.Length == point.Samples, $"Seed {seed}: {point} does not contain {values.Length} samples.");
        AssertNear(values.Average(), point.Average);
        AssertNear(values.Min(), point.Min);
        AssertNear(values.Max(), point.Max);
    }

    private static void AssertNear(double expected, double actual) =>
        Assert.InRange(actual, expected - Math.Abs(expected) * 1e-4, expected + Math.Abs(expected) * 1e-4);

    private void AddMinutes(HistoryNode node, int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            node.Add(Now, (Rate, null, i));
            _clock.Advance(Minute);
        }
    }
}
