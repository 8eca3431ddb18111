namespace Millrace.Cli.Tests;

/// <summary>Tests of the commands that list and change the shards of an application.</summary>
public sealed class ShardToolTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Shards_are_created_added_weighted_and_drained()
    {
        await Append("shop.db");

        await _tool.RunOk("shards", "create", "eu-1", "--store", "shop.db");
        await _tool.RunOk("shards", "add", "eu-2", "--address", "eu-2.db", "--weight", "3", "--store", "shop.db");
        await _tool.RunOk("shards", "weight", "eu-1", "2", "--store", "shop.db");
        await _tool.RunOk("shards", "drain", "eu-2", "--store", "shop.db");
        var again = await _tool.RunOk("shards", "add", "eu-2", "--address", "eu-2.db", "--store", "shop.db");

        var list = (await _tool.RunOk("shards", "list", "--json", "--store", "shop.db")).Json;
        Assert.Equal(2, list.GetArrayLength());
        Assert.Equal("eu-1", list[0].GetProperty("shard").GetString());
        Assert.True(list[0].GetProperty("isHome").GetBoolean());
        Assert.Equal(2, list[0].GetProperty("weight").GetInt32());
        Assert.Equal(0, list[1].GetProperty("weight").GetInt32());
        Assert.Contains("eu-2", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shard_of_a_tenant_is_found()
    {
        await Append("shop.db");
        await _tool.RunOk("tenants", "create", "acme", "--store", "shop.db");
        await _tool.RunOk("shards", "create", "eu-1", "--store", "shop.db");

        var found = await _tool.RunOk("shards", "find", "acme", "--json", "--store", "shop.db");
        var missing = await _tool.Run("shards", "find", "zoo", "--json", "--store", "shop.db");

        Assert.Equal("eu-1", found.Json.GetProperty("shard").GetString());
        Assert.Equal(3, missing.ExitCode);
    }

    [Fact]
    public async Task Wrong_stores_are_refused_with_the_reason()
    {
        await Append("shop.db");
        await Append("used.db");

        var noHome = await _tool.Run("shards", "list", "--store", "shop.db");
        await _tool.RunOk("shards", "create", "eu-1", "--store", "shop.db");
        var used = await _tool.Run("shards", "add", "eu-2", "--address", "used.db", "--store", "shop.db");
        var renamed = await _tool.Run("shards", "create", "eu-9", "--store", "shop.db");
        var last = await _tool.Run("shards", "drain", "eu-1", "--store", "shop.db");
        var weight = await _tool.Run("shards", "weight", "eu-1", "101", "--store", "shop.db");
        var name = await _tool.Run("shards", "drain", "EU", "--store", "shop.db");

        Assert.Equal((3, 4, 4, 4), (noHome.ExitCode, used.ExitCode, renamed.ExitCode, last.ExitCode));
        Assert.Equal((2, 2), (weight.ExitCode, name.ExitCode));
        Assert.Contains("millrace shards create", noHome.Error, StringComparison.Ordinal);
        Assert.Contains("already contains streams", used.Error, StringComparison.Ordinal);
        Assert.Contains("'eu-1'", renamed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_moves_to_another_shard()
    {
        string[] all = ["--store", "shards.json"];
        await Append("shop.db");
        await _tool.RunOk("tenants", "create", "acme", "--store", "shop.db");
        await Append("shop.db", "--tenant", "acme");
        await _tool.RunOk("shards", "create", "eu-1", "--store", "shop.db");
        await _tool.RunOk("shards", "add", "eu-2", "--address", "eu-2.db", "--store", "shop.db");
        await File.WriteAllTextAsync(
            _tool.File("shards.json"), """{"shards": {"eu-1": "shop.db", "eu-2": "eu-2.db"}}""");

        var moved = await _tool.RunOk(["shards", "move-tenant", "acme", "--to", "eu-2", "--json", .. all]);
        var again = await _tool.Run(["shards", "move-tenant", "acme", "--to", "eu-2", .. all]);
        var unknown = await _tool.Run(["shards", "move-tenant", "zoo", "--to", "eu-2", .. all]);
        var cancelled = await _tool.Run(["shards", "move-tenant", "acme", "--cancel", .. all]);
        var both = await _tool.Run(["shards", "move-tenant", "acme", "--cancel", "--to", "eu-1", .. all]);
        var former = await _tool.Run("read", "order-1", "--tenant", "acme", "--store", "shop.db");
        var read = await _tool.RunOk("read", "order-1", "--tenant", "acme", "--store", "eu-2.db");

        var list = (await _tool.RunOk(["shards", "list", "--json", .. all])).Json;
        var found = (await _tool.RunOk(["shards", "find", "acme", "--json", .. all])).Json;

        Assert.Equal([0, 1], list.EnumerateArray().Select(static shard => shard.GetProperty("tenants").GetInt32()));
        Assert.Equal("eu-2", found.GetProperty("shard").GetString());
        Assert.Equal("eu-1", moved.Json.GetProperty("from").GetString());
        Assert.Equal(1, moved.Json.GetProperty("events").GetInt32());
        Assert.Equal((4, 3, 3, 2), (again.ExitCode, unknown.ExitCode, cancelled.ExitCode, both.ExitCode));
        Assert.NotEqual(0, former.ExitCode);
        Assert.Contains("'eu-2'", former.Error, StringComparison.Ordinal);
        Assert.Contains("a.b", read.Output, StringComparison.Ordinal);
    }

    private async Task Append(string store, params string[] more) => await _tool.RunOk(
        ["append", "order-1", "--create", "--type", "a.b", "--data", "1", "--store", store, .. more]);
}
