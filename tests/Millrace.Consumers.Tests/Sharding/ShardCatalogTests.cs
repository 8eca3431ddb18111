using Millrace.Sharding;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of changes of the map by several nodes, and of interrupted changes.</summary>
public sealed class ShardCatalogTests
{
    [Theory]
    [MemberData(nameof(ShardTestStores.All), MemberType = typeof(ShardTestStores))]
    public async Task Nodes_that_add_shards_at_the_same_time_lose_none(ShardStorageKind kind)
    {
        using var stores = await ShardTestStores.Create(kind, "eu-1", "eu-2", "eu-3");
        await using (await stores.Start("eu-1"))
        {
        }
        await using var one = await stores.Start("eu-1", "eu-2", "eu-3");
        await using var other = await stores.Start("eu-1", "eu-2", "eu-3");

        await Task.WhenAll(
            one.Shards.Add(new ShardId("eu-2")).AsTask(),
            other.Shards.Add(new ShardId("eu-3")).AsTask(),
            other.Shards.Add(new ShardId("eu-2")).AsTask());

        foreach (var node in new[] { one, other })
        {
            var all = await node.Shards.List();
            Assert.Equal(["eu-1", "eu-2", "eu-3"], all.Select(status => status.Shard.Value).Order());
            Assert.All(all, static status => Assert.NotNull(status.AddedAt));
            await Eventually.Get(
                () => Task.FromResult(node.Shards.ListObserved()),
                static seen => seen.All(static status => status is { State: ShardState.Open, MapVersion: 3 }));
            Assert.Equal(3, node.Shards.MapVersion);
        }
    }

    [Fact]
    public async Task Two_first_nodes_create_one_map()
    {
        using var stores = new ShardTestStores();

        var nodes = await Task.WhenAll(stores.Start("eu-1", "eu-2"), stores.Start("eu-1", "eu-2"));

        foreach (var node in nodes)
        {
            await node.WaitUntil("eu-2", ShardState.Open);
            await node.DisposeAsync();
        }
        await using var home = await stores.Open("eu-1");
        var (stored, _) = await new ShardDocuments(home).ReadMap(CancellationToken.None);
        Assert.Equal(["eu-1", "eu-2"], stored!.Current.Shards.Select(record => record.Shard.Value));
        Assert.Null(stored.Next);
    }

    [Fact]
    public async Task A_node_reads_a_map_that_another_node_has_changed()
    {
        using var stores = new ShardTestStores();
        await using var one = await stores.Start("eu-1", "eu-2");
        await using var other = await stores.Start("eu-1", "eu-2");

        await one.Shards.SetWeight(new ShardId("eu-2"), 7);

        await Eventually.Get(
            () => Task.FromResult(other.Shards.ListObserved()[1].Weight), static weight => weight == 7);
    }

    [Fact]
    public async Task A_change_that_was_interrupted_before_the_fences_is_completed_by_any_node()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        var version = app.Shards.MapVersion;
        await using (var home = await stores.Open("eu-1"))
        {
            var documents = new ShardDocuments(home);
            var (stored, document) = await documents.ReadMap(CancellationToken.None);
            var (fence, _) = await documents.ReadFence(CancellationToken.None);
            var next = stored!.Current.SetWeight(new ShardId("eu-2"), 5, DateTimeOffset.UnixEpoch);
            fence = fence! with { MapVersion = next.Version };
            Assert.True(await documents.TryWriteMap(
                stored with { Next = next }, document, fence, CancellationToken.None));
        }

        await Eventually.Get(() => Task.FromResult(app.Shards.MapVersion), seen => seen == version + 1);

        Assert.Equal(5, (await app.Shards.List())[1].Weight);
        await using var second = await stores.Open("eu-2");
        var (raised, _) = await new ShardDocuments(second).ReadFence(CancellationToken.None);
        Assert.Equal(version + 1, raised!.MapVersion);
    }

    [Fact]
    public async Task A_shard_whose_addition_was_interrupted_after_its_fence_is_added_again()
    {
        using var stores = new ShardTestStores();
        Guid catalog;
        await using (await stores.Start("eu-1"))
        {
        }
        await using (var home = await stores.Open("eu-1"))
            catalog = (await new ShardDocuments(home).ReadMap(CancellationToken.None)).Value!.Current.Catalog;
        ShardFence written;
        await using (var joined = await stores.Open("eu-2"))
            written = await ShardIdentityCheck.Join(joined, new ShardId("eu-2"), catalog, CancellationToken.None);
        await using var app = await stores.Start("eu-1", "eu-2");

        await app.Shards.Add(new ShardId("eu-2"));

        await app.WaitUntil("eu-2", ShardState.Open);
        await using var second = await stores.Open("eu-2");
        var (fence, _) = await new ShardDocuments(second).ReadFence(CancellationToken.None);
        Assert.Equal(written.Identity, fence!.Identity);
        Assert.Equal(app.Shards.MapVersion, fence.MapVersion);
    }

    [Fact]
    public async Task A_shard_that_missed_a_change_gets_the_version_when_it_returns()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2", "eu-3");
        stores.MemoryOf("eu-3").Disconnect();
        await app.WaitUntil("eu-3", ShardState.Unavailable);

        await app.Shards.SetWeight(new ShardId("eu-2"), 4);

        stores.MemoryOf("eu-3").Reconnect();
        await app.WaitUntil("eu-3", ShardState.Open);
        Assert.Equal(app.Shards.MapVersion, app.Shards.ListObserved()[2].MapVersion);
    }

    [Fact]
    public async Task A_tool_lists_and_adds_shards_with_the_store_of_the_home_shard()
    {
        using var stores = new ShardTestStores();
        await using (var app = await stores.Start("eu-1"))
            await app.Load("acme", 1);
        await using var home = await stores.Open("eu-1");
        await using var added = await stores.Open("eu-2");

        var tool = await Shards.TryOpen(home);
        await tool!.Add(new ShardId("eu-2"), added, weight: 2);

        var all = await tool.List();
        Assert.Equal(
            [("eu-1", 1, 1L), ("eu-2", 2, 0L)],
            all.Select(one => (one.Shard.Value, one.Weight, one.Tenants!.Value)));
        Assert.Equal(ShardState.NotConfigured, all[1].State);
        Assert.Null(await Shards.TryOpen(added));
        await using var node = await stores.Start("eu-1", "eu-2");
        Assert.Equal(ShardState.Open, node.StateOf("eu-2"));
    }
}
