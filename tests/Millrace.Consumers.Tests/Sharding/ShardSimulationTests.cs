using Millrace.Sharding;
using Xunit.Abstractions;

namespace Millrace.Tests;

/// <summary>
/// Simulates the growth to a hundred shards. The output has the figures of docs/explanation/growing.md.
/// </summary>
public sealed class ShardSimulationTests(ITestOutputHelper output)
{
    private const int Keys = 100_000;

    private static readonly int[] Sizes = [1, 2, 4, 10, 30, 100];
    private static readonly string[] Names = [.. Enumerable.Range(0, Keys).Select(static i => $"tenant-{i}")];

    [Fact]
    public void Each_added_shard_takes_its_share_and_an_outage_touches_one_share()
    {
        output.WriteLine("shards | least keys | most keys | placed on a new shard | touched by an outage");
        foreach (var size in Sizes)
        {
            var map = MapOf(size);
            var places = PlacesIn(map);
            var counts = places.CountBy(static shard => shard).Select(static pair => pair.Value).ToList();
            var next = PlacesIn(map.Add(RecordOf(size)));
            var added = new ShardId($"shard-{size}");
            var share = next.Count(shard => shard == added) / (double)Keys;

            Assert.Equal(size, counts.Count);
            Assert.All(places.Zip(next), pair => Assert.True(pair.First == pair.Second || pair.Second == added));
            var even = 1.0 / (size + 1);
            Assert.InRange(share, even * 0.85, even * 1.15);
            Assert.True(counts.Max() <= Keys / size * 1.15, $"{size}: {counts.Max()}");
            Assert.True(counts.Min() >= Keys / size * 0.85, $"{size}: {counts.Min()}");
            output.WriteLine(
                $"{size,6} | {counts.Min(),10:N0} | {counts.Max(),9:N0} | {share,21:P2} | "
                + $"{counts.Max() / (double)Keys,20:P2}");
        }
    }

    [Fact]
    public async Task Of_a_hundred_shards_an_outage_affects_one_and_new_tenants_avoid_it()
    {
        const int Shards = 100;
        const int Tenants = 400;
        using var stores = new ShardTestStores();
        string[] names = [.. Enumerable.Range(0, Shards).Select(static i => $"shard-{i}")];
        await using var app = await stores.Start(names);
        for (var i = 0; i < Tenants; i++)
            await app.Tenants.Create(new TenantId($"tenant-{i}"));
        var counts = await app.CountTenants();
        var largest = counts.Skip(1).MaxBy(static pair => pair.Value);

        stores.MemoryOf(largest.Key).Disconnect();

        await app.WaitUntil(largest.Key, ShardState.Unavailable);
        var affected = Enumerable.Range(0, Tenants)
            .Count(i => app.Tenants.Storage.FindProblem(new TenantId($"tenant-{i}")) is not null);
        Assert.Equal(largest.Value, affected);
        for (var i = 0; i < Shards; i++)
            Assert.True(await app.Tenants.Create(new TenantId($"later-{i}")));
        Assert.Equal(largest.Value, (await app.CountTenants())[largest.Key]);
        output.WriteLine($"{affected} of {Tenants} tenants were affected; {Shards} new tenants were placed elsewhere");
    }

    private static ShardId[] PlacesIn(ShardMap map) => [.. Names.Select(map.Place)];

    private static ShardMap MapOf(int size)
    {
        var map = ShardMap.Create(Guid.Empty, ShardPlacement.Tenant, RecordOf(0));
        for (var i = 1; i < size; i++)
            map = map.Add(RecordOf(i));
        return map;
    }

    private static ShardRecord RecordOf(int number) =>
        new(new ShardId($"shard-{number}"), Guid.Empty, DateTimeOffset.UnixEpoch, "");
}
