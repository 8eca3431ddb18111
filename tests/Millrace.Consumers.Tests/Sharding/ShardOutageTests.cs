using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests that the outage of a shard affects its tenants only, and that a node takes it when it returns.
/// </summary>
public sealed class ShardOutageTests
{
    [Fact]
    public async Task Tenants_of_other_shards_are_not_affected()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        var (home, lost) = await TenantsOf(app);

        stores.MemoryOf("eu-2").Disconnect();

        await app.WaitUntil("eu-2", ShardState.Unavailable);
        var error = await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load(lost, 1));
        Assert.Equal("eu-2", error.Shard.Value);
        Assert.True(error.IsTransient);
        Assert.Equal(2, await app.Load(home, 1));
        stores.MemoryOf("eu-2").Reconnect();
        await app.WaitUntil("eu-2", ShardState.Open);
        Assert.Equal(2, await app.Load(lost, 1));
    }

    [Fact]
    public async Task New_tenants_are_placed_on_the_available_shards()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        stores.MemoryOf("eu-2").Disconnect();
        await app.WaitUntil("eu-2", ShardState.Unavailable);

        for (var i = 0; i < 8; i++)
            Assert.True(await app.Tenants.Create(new TenantId($"t{i}")));

        Assert.Equal(8, (await app.CountTenants())["eu-1"]);
    }

    [Fact]
    public async Task Known_tenants_continue_without_the_home_shard_and_new_ones_are_refused()
    {
        using var stores = new ShardTestStores();
        await using var app = await stores.Start("eu-1", "eu-2");
        var (home, other) = await TenantsOf(app);

        stores.MemoryOf("eu-1").Disconnect();

        await app.WaitUntil("eu-1", ShardState.Unavailable);
        Assert.Equal(2, await app.Load(other, 1));
        await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load(home, 1));
        var refused = await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load("unknown", 1));
        Assert.Equal("eu-1", refused.Shard.Value);
        Assert.Equal(2, (await app.Shards.List()).Count);
    }

    [Fact]
    public async Task The_application_starts_without_a_shard_and_opens_it_when_it_returns()
    {
        using var stores = new ShardTestStores();
        string lost;
        await using (var before = await stores.Start("eu-1", "eu-2"))
            (_, lost) = await TenantsOf(before);
        stores.MemoryOf("eu-2").Disconnect();

        await using var app = await stores.Start("eu-1", "eu-2");

        Assert.Equal(ShardState.Unavailable, app.StateOf("eu-2"));
        await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load(lost, 1));
        stores.MemoryOf("eu-2").Reconnect();
        await app.WaitUntil("eu-2", ShardState.Open);
        Assert.Equal(2, await app.Load(lost, 1));
    }

    [Fact]
    public async Task The_first_start_needs_all_shards_and_can_be_repeated()
    {
        using var stores = new ShardTestStores();
        stores.MemoryOf("eu-2").Disconnect();
        await Assert.ThrowsAnyAsync<MillraceException>(() => stores.Start("eu-1", "eu-2"));
        stores.MemoryOf("eu-2").Reconnect();

        await using var app = await stores.Start("eu-1", "eu-2");

        Assert.Equal(ShardState.Open, app.StateOf("eu-2"));
    }

    [Fact]
    public async Task The_application_does_not_start_without_the_home_shard()
    {
        using var stores = new ShardTestStores();
        stores.MemoryOf("eu-1").Disconnect();

        await Assert.ThrowsAsync<Storage.StorageException>(() => stores.Start("eu-1", "eu-2"));
    }

    [Fact]
    public async Task A_lost_file_is_not_created_again_and_the_restored_one_is_opened()
    {
        using var stores = new ShardTestStores { Kind = ShardStorageKind.Files };
        string home, lost;
        await using (var before = await stores.Start("eu-1", "eu-2"))
            (home, lost) = await TenantsOf(before);
        var file = stores.FileOf("eu-2");
        var backup = Remove(file);

        await using var app = await stores.Start("eu-1", "eu-2");

        var status = Assert.Single(app.Shards.ListObserved(), static one => one.State == ShardState.Unavailable);
        Assert.Contains($"millrace restore PLACE '{file}'", status.Problem, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load(lost, 1));
        Assert.Equal(2, await app.Load(home, 1));
        File.Move(backup, file);
        await app.WaitUntil("eu-2", ShardState.Open);
        Assert.Equal(2, await app.Load(lost, 1));
    }

    [Fact]
    public async Task A_lost_file_of_the_home_shard_is_not_created_again()
    {
        using var stores = new ShardTestStores { Kind = ShardStorageKind.Files };
        await using (var before = await stores.Start("eu-1", "eu-2"))
            await TenantsOf(before);
        var file = stores.FileOf("eu-1");
        var backup = Remove(file);

        var refused = await Assert.ThrowsAsync<ShardIdentityException>(() => stores.Start("eu-1", "eu-2"));

        Assert.Contains($"millrace restore PLACE '{file}'", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        File.Move(backup, file);
        await using var app = await stores.Start("eu-1", "eu-2");
        Assert.Equal(ShardState.Open, app.StateOf("eu-2"));
    }

    [PostgreSqlFact]
    public async Task A_crashed_server_affects_only_its_tenants()
    {
        await using var one = await PostgreSqlServer.Start();
        await using var two = await PostgreSqlServer.Start();
        await using var app = await ShardApp.Start(millrace => millrace.UseShards(shards => shards
            .Add("eu-1", store => store.UsePostgreSql(one.ConnectionString()))
            .Add("eu-2", store => store.UsePostgreSql(two.ConnectionString()))
            .PlaceByTenant().Configure(ShardApp.UseShortIntervals)));
        var (home, lost) = await TenantsOf(app);

        await two.Crash();

        await app.WaitUntil("eu-2", ShardState.Unavailable);
        await Assert.ThrowsAsync<ShardUnavailableException>(() => app.Load(lost, 1));
        Assert.Equal(2, await app.Load(home, 1));
        await two.Restart();
        await app.WaitUntil("eu-2", ShardState.Open);
        Assert.Equal(2, await LoadAgain(app, lost));
    }

    /// <summary>Loads a crate. As an application does, it repeats what fails on broken connections.</summary>
    private static async Task<int> LoadAgain(ShardApp app, string tenant)
    {
        var crates = 0;
        await Eventually.Get(async () =>
        {
            try
            {
                crates = await app.Load(tenant, 1);
                return true;
            }
            catch (MillraceException exception) when (exception.IsTransient)
            {
                return false;
            }
        }, static isLoaded => isLoaded);
        return crates;
    }

    /// <summary>Creates tenants with one crate until each shard has one, and returns the first of each.</summary>
    private static async Task<(string First, string Second)> TenantsOf(ShardApp app)
    {
        string? first = null, second = null;
        for (var i = 0; first is null || second is null; i++)
        {
            var before = await app.CountTenants();
            await app.Load($"t{i}", 1);
            if ((await app.CountTenants())["eu-1"] > before["eu-1"])
                first ??= $"t{i}";
            else
                second ??= $"t{i}";
        }
        return (first, second);
    }

    /// <summary>Removes a file that no program uses, and returns the path of a copy.</summary>
    private static string Remove(string file)
    {
        var copy = file + ".copy";
        File.Move(file, copy);
        File.Delete(file + "-wal");
        File.Delete(file + "-shm");
        return copy;
    }
}
