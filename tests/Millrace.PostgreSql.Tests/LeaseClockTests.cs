using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that leases use the clock of the database. A node with a wrong clock neither acquires the lease of another
/// node nor keeps its own lease for too long.
/// </summary>
public sealed class LeaseClockTests : StoreTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    [PostgreSqlFact]
    public async Task A_node_whose_clock_is_ahead_or_behind_cannot_steal_or_prolong_a_lease()
    {
        await using var storage = await TestData.Open(Database, options => options.Clock = PostgreSqlClock.Database);
        var (leases, longLease, shortLease) = (storage.Leases, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(50));
        var now = DateTimeOffset.UtcNow;
        await leases.Acquire("long", 0, "ahead", longLease, now + Hour, CancellationToken.None);
        await leases.Acquire("short", 0, "ahead", shortLease, now + Hour, CancellationToken.None);

        var held = await leases.Acquire("long", 0, "thief", longLease, now + Hour, CancellationToken.None);
        var taken = await Millrace.Testing.Eventually.Get(
            () => leases.Acquire("short", 0, "behind", shortLease, now - Hour, CancellationToken.None).AsTask(),
            consumer => consumer.Holder == "behind");

        Assert.Equal(("ahead", 1L), (held.Holder, held.LeaseEpoch));
        Assert.InRange(held.LeaseUntil, now, now + TimeSpan.FromMinutes(10));
        Assert.Equal(2, taken.LeaseEpoch);
    }

    [PostgreSqlFact]
    public async Task Nodes_appear_and_expire_by_the_clock_of_the_database()
    {
        await using var storage = await TestData.Open(Database, options => options.Clock = PostgreSqlClock.Database);
        var (leases, now) = (storage.Leases, DateTimeOffset.UtcNow);
        await leases.AnnounceNode("ahead", ["a"], TimeSpan.FromMinutes(1), now + Hour, CancellationToken.None);
        await leases.AnnounceNode("behind", ["a"], TimeSpan.FromMinutes(1), now - Hour, CancellationToken.None);

        var table = await leases.Inspect(now + Hour, CancellationToken.None);
        var same = await leases.Inspect(now - Hour, CancellationToken.None);

        Assert.Equal(["ahead", "behind"], table.Nodes.Select(node => node.Name));
        Assert.Equal(["ahead", "behind"], same.Nodes.Select(node => node.Name));
        Assert.All([table.Now, same.Now, table.Nodes[0].Since, table.Nodes[1].Since],
            moment => Assert.InRange(moment, now - TimeSpan.FromMinutes(5), now + TimeSpan.FromMinutes(5)));
    }

    [PostgreSqlFact]
    public async Task Nodes_whose_clocks_are_an_hour_off_share_consumers_and_keep_them()
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        await using var right = await Start(address, TimeSpan.Zero);
        await using var ahead = await Start(address, Hour);
        await using var behind = await Start(address, -Hour);

        var shared = await right.Shared(nodes: 3);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        // A node that relied on its wrong clock would acquire or lose a lease immediately.
        for (var (check, before) = (0, Stopwatch.GetTimestamp()); check < 20; check++)
        {
            await ticks.WaitForNextTickAsync();
            var holders = Holders(await ahead.Consumers.List());
            if (Stopwatch.GetElapsedTime(before) < TestNode.Lease / 2)
                Assert.Equal(Holders(shared), holders);
            else
                // Leases may have expired, because the machine paused for long.
                shared = await right.Shared(nodes: 3);
            before = Stopwatch.GetTimestamp();
        }

        var now = DateTimeOffset.UtcNow;
        Assert.All(
            await behind.Consumers.List(),
            consumer => Assert.InRange(consumer.NodeSince!.Value, now - Hour / 2, now + Hour / 2));
    }

    [PostgreSqlFact]
    public async Task Retired_collections_expire_by_the_clock_of_the_database()
    {
        await using var storage = await TestData.Open(Database, options => options.Clock = PostgreSqlClock.Database);
        var now = DateTimeOffset.UtcNow;
        await storage.Documents.EnsureCollection(new CollectionDefinition("cargo@1", []), CancellationToken.None);
        var ahead = await new StoreClock(() => storage, new WrongClock(Hour)).Now(CancellationToken.None);
        var behind = await new StoreClock(() => storage, new WrongClock(-Hour)).Now(CancellationToken.None);
        var row = new ReadModelRecord
        {
            Name = "cargo",
            Live = "cargo@3",
            Retired = [new RetiredCollection("cargo@1", ahead + Hour / 4)],
        };
        Assert.True(await storage.Documents.PutReadModel(row, null, CancellationToken.None));

        Assert.All([ahead, behind], moment => Assert.InRange(moment, now - Hour / 12, now + Hour / 12));
        Assert.False(await storage.Documents.Drop("cargo@1", now + Hour, CancellationToken.None));
        await (await TestServer.Server).Execute(
            "UPDATE millrace.retired_collections SET until = clock_timestamp()", Database);
        Assert.True(await storage.Documents.Drop("cargo@1", now - Hour, CancellationToken.None));
    }

    private static IEnumerable<(string, string?, DateTimeOffset?)> Holders(IReadOnlyList<ConsumerStatus> all) =>
        all.Select(consumer => (consumer.Name, consumer.Node, consumer.NodeSince));

    private static Task<TestNode> Start(string address, TimeSpan offset) =>
        TestNode.Start(options => options.ConnectionString = address, Names, time: new WrongClock(offset));

    private sealed class WrongClock(TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
    }
}
