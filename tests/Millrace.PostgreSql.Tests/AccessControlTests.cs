using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that a right is granted and revoked on all nodes of one database.</summary>
public sealed class AccessControlTests(ITestOutputHelper output) : StoreTests
{
    private const int Rounds = 30;
    private static readonly AccessGrantee Alice = AccessGrantee.User("alice");
    private static readonly AccessPermission Drive = AccessPermission.Operate("drive");
    private static readonly AccessAuthor Author = new(null, "test");

    [PostgreSqlFact]
    public async Task A_revocation_reaches_another_node_soon()
    {
        await using var first = await Start();
        await using var second = await Start();
        var user = await second.Access.UserOf("alice");
        var delays = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            await first.Access.Grant(Alice, "operate drive", Author);
            await Eventually.Get(() => second.Access.Allows(user, Drive).AsTask(), static allowed => allowed);
            var ended = second.Access.WaitUntilDenied(user, Drive);

            await first.Access.Revoke(Alice, "operate drive", Author);
            var started = Stopwatch.GetTimestamp();
            await ended.WaitAsync(TimeSpan.FromSeconds(30));
            delays.Add(Stopwatch.GetElapsedTime(started));
            Assert.False(await second.Access.Allows(user, Drive));
        }
        delays.Sort();

        output.WriteLine(
            $"A revocation reached the other node after {delays[Rounds / 2].TotalMilliseconds:0} ms (median), "
                + $"{delays[^1].TotalMilliseconds:0} ms (maximum) of {Rounds}.");
        // Polling alone would take up to a minute.
        Assert.True(delays[Rounds / 2] < TimeSpan.FromSeconds(1), $"The median is {delays[Rounds / 2]}.");
    }

    [PostgreSqlFact]
    public async Task With_current_rules_a_revoked_right_has_no_effect_anywhere_after_the_revocation()
    {
        await using var first = await Start();
        await using var second = await Start(requiresCurrentRules: true);
        var user = await second.Access.UserOf("alice");
        for (var round = 0; round < Rounds; round++)
        {
            await first.Access.Grant(Alice, "operate drive", Author);
            Assert.True(await second.Access.Allows(user, Drive));
            await first.Access.Revoke(Alice, "operate drive", Author);
            Assert.False(await second.Access.Allows(user, Drive));
        }
    }

    [PostgreSqlFact]
    public async Task Two_nodes_that_start_together_record_the_roles_once()
    {
        var nodes = await Task.WhenAll(Start(), Start());

        Assert.Equal(1, await nodes[0].Store.Count(EventFilter.All));
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task Concurrent_changes_on_two_nodes_all_have_effect()
    {
        await using var first = await Start();
        await using var second = await Start();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(user => (user % 2 == 0 ? first : second).Access.Grant(
            AccessGrantee.User($"user{user}"), "operate drive", Author)));

        Assert.Equal(20, (await first.Access.List()).Grants.Count);
        Assert.Equal(20, (await second.Access.List()).Grants.Count);
    }

    private async Task<Node> Start(bool requiresCurrentRules = false)
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace
            .UsePostgreSql(options =>
                (options.ConnectionString, options.PollInterval) = (address, TimeSpan.FromMinutes(1)))
            .AddAccessControl(access =>
            {
                access.AddNames(AccessAction.Operate, "drive").Role("driver", role => role.MayOperate("drive"));
                access.RequiresCurrentRules = requiresCurrentRules;
            }));
        var host = builder.Build();
        await host.StartAsync();
        return new Node(host);
    }

    private sealed class Node(IHost host) : IAsyncDisposable
    {
        public AccessControl Access => host.Services.GetRequiredService<AccessControl>();

        public EventStore Store => host.Services.GetRequiredService<EventStore>();

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
