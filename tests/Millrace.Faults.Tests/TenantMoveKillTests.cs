using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Faults.Tests;

/// <summary>Tests a node that is killed after a step of the move of a tenant.</summary>
public sealed class TenantMoveKillTests : IDisposable
{
    private static readonly StreamId Stream = new("notes");
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);
    private static readonly TenantId Tenant = new(ShardNode.Tenant);

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-move-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("copied")]
    [InlineData("fenced")]
    [InlineData("completed")]
    [InlineData("switched")]
    [InlineData("left")]
    public async Task The_tenant_can_be_used_again_and_another_node_continues_the_move(string step)
    {
        var home = Path.Combine(_directory, $"{step}.db");
        ShardId target;
        using (var before = await Start(home))
        {
            await Append(before, 3);
            target = await ShardNode.OtherShardOf(before.Services.GetRequiredService<Shards>());
            await before.StopAsync();
        }
        await KilledStep.Run(home, $"STEP move-{step}", (ShardNode.StepVariable, $"move-{step}"));

        using var next = await Start(home);
        var shards = next.Services.GetRequiredService<Shards>();
        await Append(next, 2); // While the move is interrupted.
        Assert.Single(await shards.ListTenantMoves());
        Assert.Equal(step is "switched" or "left", await shards.FindTenant(ShardNode.Tenant) == target);
        ShardNode.EndPausesLate(next.Services);
        await shards.MoveTenant(ShardNode.Tenant, target);
        await Append(next, 1);
        await using var scope = await next.Services.GetRequiredService<Tenants>().Enter(Tenant);
        var versions = await scope.Store.ReadStream(Stream).Select(static one => one.Version).ToListAsync();
        var sound = await Task.WhenAll(
            new[] { "eu-1", "eu-2" }.Select(name => shards.StoreOf(new ShardId(name)).Verify().AsTask()));

        Assert.Equal([1, 2, 3, 4, 5, 6], versions);
        Assert.Equal(target, await shards.FindTenant(ShardNode.Tenant));
        Assert.Empty(await shards.ListTenantMoves());
        Assert.All(sound, static report => Assert.True(report.IsSound));
        await next.StopAsync();
    }

    private static async Task Append(IHost node, int count)
    {
        using var limit = new CancellationTokenSource(MaxWait);
        var tenants = node.Services.GetRequiredService<Tenants>();
        for (var i = 0; i < count;)
        {
            try
            {
                await using var scope = await tenants.Enter(Tenant, limit.Token);
                await scope.Store.Append(
                    Stream, ExpectedVersion.Any, [NewEvent.FromBytes("noted", "{}"u8.ToArray())], limit.Token);
                i++;
            }
            catch (MillraceException exception) when (exception.IsTransient && !limit.IsCancellationRequested)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<IHost> Start(string home)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => ShardNode.Configure(
            millrace, home, ShardNode.SecondOf(home), checkEvery: TimeSpan.FromMilliseconds(100)));
        var host = builder.Build();
        await host.StartAsync();
        ShardNode.EndPausesSoon(host.Services);
        return host;
    }
}
