namespace Millrace.Tests;

/// <summary>Tests that a node refuses a store that is not the shard whose name it has.</summary>
public sealed class ShardIdentityTests
{
    [Fact]
    public async Task Exchanged_stores_are_refused_when_the_application_starts()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1", "eu-2", "eu-3"))
        {
        }
        stores.Exchange("eu-2", "eu-3");

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2", "eu-3"));

        Assert.Equal("eu-2", refused.Shard.Value);
        Assert.Contains("'eu-3'", refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_home_shard_is_refused()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1", "eu-2"))
        {
        }

        var other = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-2", "eu-1"));
        stores.Exchange("eu-1", "renamed");
        var renamed = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("renamed", "eu-2"));

        Assert.Contains("not a home shard", other.Problem, StringComparison.Ordinal);
        Assert.Contains("keeps its name", renamed.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_store_behind_the_name_of_a_shard_is_refused()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1", "eu-2"))
        {
        }
        stores.Exchange("eu-2", "empty");

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2"));

        Assert.Contains("never a shard", refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_with_events_cannot_be_added()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1"))
        {
        }
        await using (var used = await stores.Open("eu-2"))
            await used.Append(
                new StreamId("order-1"), ExpectedVersion.Any, [NewEvent.FromBytes("placed", "{}"u8.ToArray())]);
        await using var app = await stores.Start("eu-1", "eu-2");

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(
            () => app.Shards.Add(new ShardId("eu-2")).AsTask());

        Assert.Contains("order-1", refused.Problem, StringComparison.Ordinal);
        Assert.Single(await app.Shards.List(), static shard => shard.AddedAt is not null);
    }

    [Fact]
    public async Task The_shard_of_another_application_cannot_be_added()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("other", "eu-2"))
        {
        }
        await using (await stores.Start("eu-1"))
        {
        }

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2"));

        Assert.Contains("another application", refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_shard_that_lost_its_map_is_refused_at_each_start()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1", "eu-2"))
        {
        }
        stores.Exchange("eu-1", "empty");

        var first = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2"));
        var second = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2"));
        stores.MemoryOf("eu-2").Disconnect();
        await Assert.ThrowsAnyAsync<MillraceException>(() => stores.Start("eu-1", "eu-2"));

        Assert.Equal(("eu-1", "eu-1"), (first.Shard.Value, second.Shard.Value));
        Assert.Contains("The home shard of this map is another store", second.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_had_tenants_cannot_be_added()
    {
        using var stores = new ShardTestStores();
        await using (await stores.Start("eu-1"))
        {
        }
        await using (var used = await stores.Open("eu-2"))
            await Tenants.Of(used).Create(new TenantId("acme"), CancellationToken.None);
        await using var app = await stores.Start("eu-1", "eu-2");

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(
            () => app.Shards.Add(new ShardId("eu-2")).AsTask());

        Assert.Contains("acme", refused.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shard_without_a_configured_store_cannot_be_added()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1");

        await Assert.ThrowsAsync<ShardMapException>(() => app.Shards.Add(new ShardId("eu-9")).AsTask());
    }
}
