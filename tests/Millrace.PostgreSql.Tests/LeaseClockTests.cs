using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that leases use the database's clock: a node with a wrong clock neither takes nor keeps another
/// node's lease.</summary>
public sealed class LeaseClockTests : StoreTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    [PostgreSqlFact]
    public async Task Neither_a_clock_that_is_ahead_nor_one_that_is_behind_takes_or_keeps_a_lease()
    {
        await using var storage = await Given.Open(Database, options => options.Clock = PostgreSqlClock.Database);
        var (leases, long_, short_) = (storage.Leases, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(50));
        var now = DateTimeOffset.UtcNow;
        await leases.Acquire("long", 0, "ahead", long_, now + Hour, CancellationToken.None);
        await leases.Acquire("short", 0, "ahead", short_, now + Hour, CancellationToken.None);

        var held = await leases.Acquire("long", 0, "thief", long_, now + Hour, CancellationToken.None);
        var taken = await Millrace.Testing.Eventually.Is(
            () => leases.Acquire("short", 0, "behind", short_, now - Hour, CancellationToken.None).AsTask(),
            one => one.Holder == "behind");

        Assert.Equal(("ahead", 1L), (held.Holder, held.LeaseEpoch));
        Assert.InRange(held.LeaseUntil, now, now + TimeSpan.FromMinutes(10));
        Assert.Equal(2, taken.LeaseEpoch);
    }

    [PostgreSqlFact]
    public async Task Nodes_are_seen_and_forgotten_by_the_databases_clock()
    {
        await using var storage = await Given.Open(Database, options => options.Clock = PostgreSqlClock.Database);
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
    public async Task Nodes_whose_clocks_are_an_hour_off_share_and_stay_as_they_are()
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        await using var right = await Start(address, TimeSpan.Zero);
        await using var ahead = await Start(address, Hour);
        await using var behind = await Start(address, -Hour);

        var shared = await right.Shared(nodes: 3);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        // A clock that is an hour off would take or lose a lease immediately.
        for (var (look, before) = (0, Stopwatch.GetTimestamp()); look < 20; look++)
        {
            await looks.WaitForNextTickAsync();
            var holders = Holders(await ahead.Consumers.List());
            if (Stopwatch.GetElapsedTime(before) < TestNode.Lease / 2)
                Assert.Equal(Holders(shared), holders);
            else
                // The machine paused so long that leases may have expired.
                shared = await right.Shared(nodes: 3);
            before = Stopwatch.GetTimestamp();
        }

        var now = DateTimeOffset.UtcNow;
        Assert.All(
            await behind.Consumers.List(), one => Assert.InRange(one.NodeSince!.Value, now - Hour / 2, now + Hour / 2));
    }

    [PostgreSqlFact]
    public async Task Retired_collections_stay_by_the_databases_clock()
    {
        await using var storage = await Given.Open(Database, options => options.Clock = PostgreSqlClock.Database);
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
        all.Select(one => (one.Name, one.Node, one.NodeSince));

    private static Task<TestNode> Start(string address, TimeSpan off) =>
        TestNode.Start(options => options.ConnectionString = address, Names, time: new WrongClock(off));

    private sealed class WrongClock(TimeSpan off) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + off;
    }
}
