using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Orders;

namespace Millrace.Cli.Tests;

/// <summary>Tests that the tool shows, explains and changes the access rules of a running shop.</summary>
public sealed class AccessTests : IAsyncLifetime, IDisposable
{
    private readonly Tool _tool = new();
    private IHost? _host;

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddModel<Shop.Sales>()
            .AddAccessControl(access => access
                .Role("clerk", role => role.MaySend<PlaceOrder>())
                .Role("manager", role => role.Includes("clerk").MayGrant("role clerk"))));
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_right_is_granted_explained_listed_and_revoked()
    {
        var access = _host!.Services.GetRequiredService<AccessControl>();
        var alice = await access.UserOf("alice");
        string[] mary = ["--by", "mary", "--role", "manager"];
        string[] grant = ["access", "grant", "user:alice", "role", "clerk", .. mary, "--reason", "cover"];
        string[] explain = ["access", "explain", "alice", "send", "place-order"];

        await _tool.RunOk(grant);
        var json = (await _tool.RunOk([.. grant, "--json"])).Json;
        var explained = await _tool.RunOk(explain);
        var explainedJson = (await _tool.RunOk([.. explain, "--json"])).Json;
        var before = (await _tool.RunOk([.. explain, "--at", "1", "--json"])).Json;
        var listed = await _tool.RunOk("access", "list");
        var listedJson = (await _tool.RunOk("access", "--json")).Json;
        await Millrace.Testing.Eventually.Get(
            () => access.Allows(alice, AccessPermission.Send("place-order")).AsTask(), static allowed => allowed);
        await _tool.RunOk(["access", "revoke", "user:alice", "role", "clerk", .. mary, "--reason", "back"]);
        await Millrace.Testing.Eventually.Get(
            () => access.Allows(alice, AccessPermission.Send("place-order")).AsTask(), static allowed => !allowed);
        var denied = await _tool.RunOk(explain);

        Assert.Equal(("mary", false), (json.GetProperty("by").GetString(), json.GetProperty("bySystem").GetBoolean()));
        Assert.Contains("alice has the permission 'send place-order'", explained.Output, StringComparison.Ordinal);
        Assert.Contains("user:alice → role:clerk", explained.Output, StringComparison.Ordinal);
        Assert.True(explainedJson.GetProperty("allowed").GetBoolean());
        Assert.False(before.GetProperty("allowed").GetBoolean());
        Assert.Contains("cover", listed.Output, StringComparison.Ordinal);
        Assert.Equal(2, listedJson.GetProperty("roles").GetArrayLength());
        Assert.Contains("alice does not have the permission", denied.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_right_to_grant_nothing_is_granted_except_for_the_system()
    {
        string[] grant = ["access", "grant", "user:eve", "role", "manager", "--by", "eve", "--reason", "please"];

        var refused = await _tool.Run(grant);
        var clerk = await _tool.Run([.. grant, "--role", "clerk"]);
        var none = (await _tool.RunOk("access", "list", "--json")).Json.GetProperty("grants").GetArrayLength();
        await _tool.RunOk([.. grant, "--system"]);
        var listed = await _tool.RunOk("access");

        Assert.Equal((1, 1, 0), (refused.ExitCode, clerk.ExitCode, none));
        Assert.Contains("grant role manager", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--system", refused.Error, StringComparison.Ordinal);
        Assert.Contains("eve (system)", listed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Malformed_arguments_are_refused()
    {
        var holder = await _tool.Run("access", "grant", "eve", "role", "clerk", "--reason", "x");
        var right = await _tool.Run("access", "grant", "user:eve", "fly", "--system", "--reason", "x");
        var unknown = await _tool.Run("access", "grant", "user:eve", "send", "place-ordr", "--system", "--reason", "x");
        var reason = await _tool.Run("access", "grant", "user:eve", "role", "clerk", "--system");
        var missing = await _tool.Run("access", "revoke", "user:eve", "role", "clerk", "--system", "--reason", "x");
        var position = await _tool.Run("access", "list", "--at", "soon");
        var claim = await _tool.Run("access", "explain", "eve", "send", "place-order", "--claim", "tenant");
        var action = await _tool.Run("access", "explain", "eve", "fly", "place-order");

        Assert.Equal((2, 2, 2, 2), (holder.ExitCode, right.ExitCode, unknown.ExitCode, reason.ExitCode));
        Assert.Equal((3, 2, 2, 2), (missing.ExitCode, position.ExitCode, claim.ExitCode, action.ExitCode));
        Assert.Contains("'place-ordr'", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Grants_are_not_appended_as_events_and_are_part_of_a_copy()
    {
        await _tool.RunOk("access", "grant", "user:alice", "role", "clerk", "--system", "--reason", "x");
        const string Forged = """{"to":"user:eve","right":"role manager","by":"root","reason":"x"}""";

        var refused = await _tool.Run("append", "$access", "--type", "access.granted", "--data", Forged);
        var elsewhere = await _tool.Run("append", "order-1", "--type", "access.granted", "--data", Forged);
        var listed = (await _tool.RunOk("access", "--json")).Json.GetProperty("grants");
        var exported = (await _tool.RunOk("export")).Output;
        using var copy = new Tool();
        var imported = await copy.RunWith(
            Encoding.UTF8.GetBytes(exported), "import", "--store", copy.Store, "--create");
        Assert.Equal((0, ""), (imported.ExitCode, imported.Error));
        var copied = (await copy.RunOk("access", "--json")).Json.GetProperty("grants");

        Assert.All([refused, elsewhere], run => Assert.NotEqual(0, run.ExitCode));
        Assert.Contains("reserved for Millrace", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1, listed.GetArrayLength());
        Assert.Equal("role clerk", copied[0].GetProperty("right").GetString());
    }

    [Fact]
    public async Task A_store_without_access_control_is_described()
    {
        using var tool = new Tool();
        await tool.Append("order-1", "order.noted", "{}");

        var listed = await tool.RunOk("access", "list");
        var explained = await tool.RunOk("access", "explain", "alice", "send", "place-order");

        Assert.Contains("No application has recorded roles", listed.Output, StringComparison.Ordinal);
        Assert.Contains("does not have the permission", explained.Output, StringComparison.Ordinal);
    }
}
