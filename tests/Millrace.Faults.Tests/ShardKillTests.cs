using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Tests a node that is killed after each step of the addition of a shard.</summary>
public sealed class ShardKillTests : IDisposable
{
    private static readonly string[] Steps = ["joined", "recorded", "fenced", "completed"];

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-shard-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public Task Another_node_completes_the_addition() =>
        Parallel.ForEachAsync(Steps, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (step, _) =>
            await Check(Path.Combine(_directory, $"{step}.db"), step));

    private static async Task Check(string home, string step)
    {
        using (var before = await Start(home, second: null))
        {
            await before.Services.GetRequiredService<Tenants>().Create(new TenantId("acme"));
            await before.StopAsync();
        }
        await KilledStep.Run(home, $"STEP {step}", (ShardNode.StepVariable, step));

        using var next = await Start(home, ShardNode.SecondOf(home));
        var shards = next.Services.GetRequiredService<Shards>();
        if (step != "joined") // The change was recorded, so that any node completes it.
            await Eventually.Get(() => Task.FromResult(shards.MapVersion), static version => version == 2);
        await shards.Add(new ShardId("eu-2"));
        var all = await shards.List();
        var tenants = next.Services.GetRequiredService<Tenants>();
        for (var i = 0; i < 12; i++)
            await tenants.Create(new TenantId($"t{i}"));
        var counts = (await shards.List()).Select(static shard => shard.Tenants!.Value).ToArray();
        await next.StopAsync();

        Assert.Equal(["eu-1", "eu-2"], all.Select(static shard => shard.Shard.Value));
        Assert.All(all, static shard => Assert.Equal(2, shard.MapVersion));
        Assert.All(all, static shard => Assert.Equal(ShardState.Open, shard.State));
        Assert.Equal(13, counts.Sum());
        Assert.All(counts, static count => Assert.True(count > 0));
    }

    private static async Task<IHost> Start(string home, string? second)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace =>
            ShardNode.Configure(millrace, home, second, checkEvery: TimeSpan.FromMilliseconds(100)));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
