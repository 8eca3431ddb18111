using Millrace.Sqlite;
using Servers;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool works on one tenant of many, in every kind of store.</summary>
public sealed class TenantToolTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private PostgreSqlServer? _server;

    public static TheoryData<string, bool> Places
    {
        get
        {
            var (hasServer, isLong) = (PostgreSqlPrograms.ReasonToSkip is null, TestRun.IsLong);
            var places = new TheoryData<string, bool> { { "shop.db", true } };
            if (isLong || !hasServer)
                places.Add("tenants/{tenant}.db", false);
            if (hasServer)
                places.Add("shop_{tenant}", false);
            if (hasServer && isLong)
                places.Add("postgres", true);
            return places;
        }
    }

    public async Task InitializeAsync() =>
        _server = PostgreSqlPrograms.Directory is null ? null : await PostgreSqlServer.Start();

    public void Dispose() => _tool.Dispose();

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_command_sees_and_changes_only_the_events_of_its_tenant(string name, bool isShared)
    {
        var store = await CreateTenants(name, isShared);

        var read = await RunForTenant(store, "acme", "read", "order-1", "--json");
        var appended = await RunForTenant(
            store, "zoo", "append", "order-1", "--type", "order.noted", "--data", "9", "--expect", "1");
        string[][] others =
        [
            ["streams"],
            ["tail"],
            ["find", "2"],
            ["info"],
            ["stats"],
            ["consumers"],
            ["consumers", "list"],
            ["projections"],
            ["dead-letters"],
            ["doctor"],
            ["export", "acme.jsonl"],
            ["replay"],
            ["info", "order-1"],
            ["names", "check"],
        ];
        foreach (var other in others)
        {
            var run = await RunForTenant(store, "acme", other);
            Assert.DoesNotContain("zoo", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("acme/", run.Output, StringComparison.Ordinal);
        }

        Assert.Equal(2, read.Lines.Length);
        Assert.All(read.Lines, line => Assert.Contains("\"stream\":\"order-1\"", line, StringComparison.Ordinal));
        Assert.Contains("version 2", appended.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunForTenant(store, "zoo", "count", "--json")).Json.GetProperty("events").GetInt64());
        Assert.Equal(2, (await RunForTenant(store, "acme", "info", "--json")).Json.GetProperty("events").GetInt64());
        var verified = await _tool.Run("verify", "--store", store, "--tenant", "acme");
        Assert.Equal(isShared ? 5 : 0, verified.ExitCode); // A shared log can only be verified entirely.
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Tenants_are_listed_created_and_removed(string name, bool isShared)
    {
        var store = await CreateTenants(name, isShared);

        var list = (await _tool.RunOk("tenants", "list", "--json", "--store", store)).Json;
        var plan = await _tool.RunOk("tenants", "remove", "acme", "--dry-run", "--json", "--store", store);
        var unconfirmed = await _tool.Run("tenants", "remove", "acme", "--store", store);
        var eventsBefore = (await RunForTenant(store, "acme", "count", "--json")).Json.GetProperty("events").GetInt64();
        var removed = await _tool.RunOk("tenants", "remove", "acme", "--yes", "--json", "--store", store);
        var again = await _tool.Run("tenants", "remove", "acme", "--yes", "--store", store);
        var remaining = (await _tool.RunOk("tenants", "list", "--json", "--store", store)).Json;
        var countAfter = await _tool.Run("count", "--store", store, "--tenant", "acme");
        var recreated = await _tool.Run("tenants", "create", "acme", "--store", store);

        Assert.Equal([("acme", 2, 1, !isShared), ("zoo", 1, 1, !isShared)], list.EnumerateArray().Select(tenant => (
            tenant.GetProperty("tenant").GetString()!, tenant.GetProperty("events").GetInt32(),
            tenant.GetProperty("streams").GetInt32(), tenant.TryGetProperty("sizeBytes", out _))));
        Assert.All(list.EnumerateArray(), tenant => Assert.True(tenant.TryGetProperty("lastEventAt", out _)));
        Assert.Equal((false, 2), (plan.Json.GetProperty("isRemoved").GetBoolean(), eventsBefore));
        Assert.Equal((2, true), (unconfirmed.ExitCode, unconfirmed.Error.Contains("--yes", StringComparison.Ordinal)));
        Assert.Equal(
            (true, 2),
            (removed.Json.GetProperty("isRemoved").GetBoolean(), removed.Json.GetProperty("events").GetInt32()));
        Assert.True((again.ExitCode, countAfter.ExitCode) == (3, isShared ? 3 : 5), again.Error + countAfter.Error);
        Assert.Equal("zoo", Assert.Single(remaining.EnumerateArray()).GetProperty("tenant").GetString());
        Assert.Equal(isShared ? 5 : 0, recreated.ExitCode); // The streams of a removed tenant are closed permanently.
        Assert.Equal(1, (await RunForTenant(store, "zoo", "count", "--json")).Json.GetProperty("events").GetInt64());
        var verified = await _tool.RunOk(
            isShared
                ? ["verify", "--json", "--store", store]
                : ["verify", "--json", "--store", store, "--tenant", "zoo"]);
        Assert.Equal(
            (true, isShared ? 2 : 0, 0),
            (verified.Json.GetProperty("isSound").GetBoolean(), verified.Json.GetProperty("removedEvents").GetInt32(),
                verified.Json.GetProperty("lostEvents").GetInt32()));
    }

    [Fact]
    public async Task A_missing_or_unknown_tenant_is_reported_with_the_known_tenants()
    {
        var shared = await CreateTenants("shop.db", isShared: true);
        var separate = await CreateTenants("tenants/{tenant}.db", isShared: false);

        var misspelled = await _tool.Run("count", "--store", shared, "--tenant", "acne");
        var none = await _tool.Run("count", "--store", separate);
        var missing = await _tool.Run("count", "--store", separate, "--tenant", "acne");
        var invalid = await _tool.Run("count", "--store", shared, "--tenant", "Acme/");
        var move = await _tool.Run("move", shared, "copy.db", "--tenant", "acme");

        Assert.Equal(
            (3, 2, 5, 2, 2),
            (misspelled.ExitCode, none.ExitCode, missing.ExitCode, invalid.ExitCode, move.ExitCode));
        Assert.Contains("Did you mean 'acme'?", misspelled.Error, StringComparison.Ordinal);
        Assert.Contains("--tenant NAME", none.Error, StringComparison.Ordinal);
        Assert.Contains("millrace tenants list", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_a_node_has_open_is_removed_only_with_an_explicit_option()
    {
        var store = await CreateTenants("shop.db", isShared: true);
        await using var tenantStorage = Tenants.PartOf(new SqliteStorage(_tool.File(store)), new TenantId("acme"));
        await tenantStorage.Open(default);
        await tenantStorage.Leases.AnnounceNode(
            "shop-1", ["sales@1"], TimeSpan.FromMinutes(5), DateTimeOffset.UtcNow, default);

        var refused = await _tool.Run("tenants", "remove", "acme", "--yes", "--store", store);
        var removed = await _tool.RunOk("tenants", "remove", "acme", "--yes", "--even-so", "--store", store);

        Assert.Equal((4, true), (refused.ExitCode, refused.Error.Contains("shop-1", StringComparison.Ordinal)));
        Assert.Contains("Removed the tenant acme", removed.Output, StringComparison.Ordinal);
    }

    /// <summary>Creates two tenants: acme with two events and zoo with one event.</summary>
    private async Task<string> CreateTenants(string name, bool isShared)
    {
        var store = name.EndsWith(".db", StringComparison.Ordinal)
            ? name
            : $"postgres://owner@127.0.0.1:{_server!.Port}/{name}";
        if (isShared)
            await _tool.RunOk("append", "of-all", "--create", "--type", "a.b", "--data", "0", "--store", store);
        foreach (var (tenant, data) in new[] { ("acme", "1"), ("zoo", "1"), ("acme", "2") })
        {
            await _tool.RunOk("tenants", "create", tenant, "--store", store);
            await RunForTenant(
                store, tenant, "append", "order-1", "--create", "--type", "order.placed", "--data", data);
        }
        return store;
    }

    private Task<ToolRun> RunForTenant(string store, string tenant, params string[] call) =>
        _tool.RunOk([.. call, "--store", store, "--tenant", tenant]);
}
