using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of tenants that are distributed over several stores.</summary>
public sealed class ShardedTenantTests
{
    private const int ManyTenants = 24;

    [Theory]
    [MemberData(nameof(ShardTestStores.All), MemberType = typeof(ShardTestStores))]
    public async Task Tenants_are_distributed_and_each_has_its_data_in_one_shard(ShardStorageKind kind)
    {
        using var stores = await ShardTestStores.Create(kind, "eu-1", "eu-2");
        await using (var app = await stores.Start("eu-1", "eu-2"))
        {
            for (var i = 0; i < 8; i++)
                Assert.Equal(i, await app.Load($"t{i}", i));
            Assert.Equal(9, await app.Load("t4", 5));
            var counts = await app.CountTenants();
            Assert.Equal(8, counts["eu-1"] + counts["eu-2"]);
            Assert.All(counts.Values, static count => Assert.True(count > 0));
            Assert.Equal(8, (await app.Tenants.List()).Count);
        }

        await using var restarted = await stores.Start("eu-1", "eu-2");

        Assert.Equal(10, await restarted.Load("t4", 1));
        await using var first = await stores.Open("eu-1");
        await using var second = await stores.Open("eu-2");
        var streams = await Task.WhenAll(StreamsOf(first), StreamsOf(second));
        Assert.Equal(8, streams.Sum(static all => all.Count));
        Assert.All(streams, static all => Assert.NotEmpty(all));
        Assert.Empty(streams[0].Intersect(streams[1]));
    }

    [Theory]
    [MemberData(nameof(ShardTestStores.All), MemberType = typeof(ShardTestStores))]
    public async Task A_new_shard_takes_new_tenants_and_moves_none(ShardStorageKind kind)
    {
        using var stores = await ShardTestStores.Create(kind, "eu-1", "eu-2");
        await using (var before = await stores.Start("eu-1"))
        {
            for (var i = 0; i < 4; i++)
                await before.Load($"old{i}", 1);
        }
        await using var app = await stores.Start("eu-1", "eu-2");
        Assert.Equal(ShardState.NotAdded, app.StateOf("eu-2"));
        await using var other = await stores.Start("eu-1", "eu-2");

        await app.Shards.Add(new ShardId("eu-2"));

        for (var i = 0; i < 8; i++)
            await other.Load($"new{i}", 1); // This node has not read the new map yet.
        for (var i = 0; i < 4; i++)
            Assert.Equal(2, await other.Load($"old{i}", 1));
        var counts = await app.CountTenants();
        Assert.True(counts["eu-1"] >= 4);
        Assert.True(counts["eu-2"] > 0);
        Assert.Equal(12, counts["eu-1"] + counts["eu-2"]);
        await using var added = await stores.Open("eu-2");
        Assert.DoesNotContain(
            await StreamsOf(added), static stream => stream.StartsWith("old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_drained_shard_takes_no_new_tenants_and_keeps_its_own()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        await CreateMany(app, "old");
        var before = await app.CountTenants();

        await app.Shards.Drain(new ShardId("eu-2"));

        await CreateMany(app, "new");
        var after = await app.CountTenants();
        Assert.Equal(before["eu-2"], after["eu-2"]);
        Assert.Equal(before["eu-1"] + ManyTenants, after["eu-1"]);
        for (var i = 0; i < 4; i++)
            Assert.Equal(1, await app.Load($"old{i}", 1));
        var status = (await app.Shards.List())[1];
        Assert.Equal((0, ShardState.Open), (status.Weight, status.State));
    }

    [Fact]
    public async Task The_last_shard_that_takes_tenants_cannot_be_drained()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        await app.Shards.Drain(new ShardId("eu-1"));

        var refused = await Assert.ThrowsAsync<ShardMapException>(
            () => app.Shards.Drain(new ShardId("eu-2")).AsTask());

        Assert.Equal("eu-2", refused.Shard.Value);
    }

    [Fact]
    public async Task An_application_with_one_store_becomes_the_home_shard_with_its_tenants()
    {
        using var stores = new ShardTestStores();
        await using (var single = await ShardApp.Start(millrace => stores.Use(millrace, "eu-1")))
            await single.Load("acme", 3);

        await using var app = await stores.Start("eu-1", "eu-2");

        Assert.Contains(await app.Tenants.List(), static tenant => tenant.Value == "acme");
        Assert.Equal(5, await app.Load("acme", 2));
        Assert.Equal(1, (await app.CountTenants())["eu-1"]);
    }

    [Fact]
    public async Task A_removed_tenant_is_not_listed_and_its_name_stays_refused()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        await app.Load("acme", 1);
        var acme = new TenantId("acme");

        Assert.True(await app.Tenants.Remove(acme));

        Assert.False(await app.Tenants.Remove(acme));
        Assert.Empty(await app.Tenants.List());
        Assert.False(await app.Tenants.Exists(acme));
        Assert.Equal(0, (await app.CountTenants()).Values.Sum());
        await Assert.ThrowsAsync<StorageException>(() => app.Tenants.Create(acme).AsTask());
    }

    [Fact]
    public async Task Nodes_that_create_a_tenant_at_the_same_time_place_it_once()
    {
        using var stores = new ShardTestStores();
        await using var one = await stores.Start("eu-1", "eu-2");
        await using var other = await stores.Start("eu-1", "eu-2");

        var created = await Task.WhenAll(Enumerable.Range(0, ManyTenants * 2).Select(i =>
            (i % 2 == 0 ? one : other).Tenants.Create(new TenantId($"t{i / 2}")).AsTask()));

        Assert.Equal(ManyTenants, created.Count(static isCreated => isCreated));
        var counts = await one.CountTenants();
        Assert.Equal(ManyTenants, counts.Values.Sum());
        await using var home = await stores.Open("eu-1");
        await using var second = await stores.Open("eu-2");
        Assert.Equal(counts["eu-1"], (await Tenants.Of(home).List(CancellationToken.None)).Count);
        Assert.Equal(counts["eu-2"], (await Tenants.Of(second).List(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task The_service_registry_is_in_the_home_shard()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");

        var registry = app.Services.GetRequiredService<IServiceRegistry>();
        await registry.Register(new ServiceInstance("a-1", "a", "127.0.0.1", 80), TimeSpan.FromMinutes(1));

        await using var home = await stores.Open("eu-1");
        Assert.Single(await new StoreRegistry(home).Find("a"));
    }

    [Fact]
    public void Features_that_need_one_log_are_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddMillrace(millrace =>
            millrace.AddLogAudit().UseShards(shards =>
                shards.Add("eu-1", static store => store.UseInMemory()).PlaceByTenant())));

        Assert.Contains("each shard has its own log", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_storage_beside_the_shards_is_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddMillrace(millrace =>
            millrace.UseShards(shards => shards.Add("eu-1", static store => store.UseInMemory()).PlaceByTenant())
                .UseInMemory()));

        Assert.Contains("Remove the other storage", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_configurations_are_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Configure(static _ => { }));
        Assert.Throws<InvalidOperationException>(
            () => Configure(static shards => shards.Add("a", static store => store.UseInMemory())));
        Assert.Throws<InvalidOperationException>(() => Configure(static shards => shards.Add("a", static _ => { })));
        Assert.Throws<InvalidOperationException>(
            () => Configure(static shards => shards.Add("a", static store => store.UseSqlite("{tenant}.db"))));
        Assert.Throws<InvalidNameException>(
            () => Configure(static shards => shards.Add("A", static store => store.UseInMemory())));
        Assert.Throws<ArgumentException>(() => Configure(static shards =>
            shards.Add("a", static store => store.UseInMemory()).Add("a", static store => store.UseInMemory())));
    }

    private static void Configure(Action<ShardsBuilder> configure) =>
        new ServiceCollection().AddMillrace(millrace => millrace.UseShards(configure));

    private static async Task CreateMany(ShardApp app, string prefix)
    {
        for (var i = 0; i < ManyTenants; i++)
            await app.Tenants.Create(new TenantId($"{prefix}{i}"));
    }

    private static async Task<List<string>> StreamsOf(EventStore store)
    {
        var names = new List<string>();
        await foreach (var stream in store.ListStreams())
            names.Add(stream.Stream.Value);
        return names;
    }
}
