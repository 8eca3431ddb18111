using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Tenancy.Sharded;

namespace Millrace.Faults;

/// <summary>
/// A node that adds a shard to its map. It writes a line "STEP name" after each step, and waits after the step that the
/// test names, until the test kills the node.
/// </summary>
public static class ShardNode
{
    /// <summary>The environment variable with the last step.</summary>
    public const string StepVariable = "MILLRACE_FAULTS_SHARD";

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(3);

    /// <summary>Configures an application with one or two shards in files.</summary>
    public static MillraceBuilder Configure(
        MillraceBuilder millrace, string home, string? second, TimeSpan checkEvery)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        return millrace
            .UseShards(shards =>
            {
                shards.Add("eu-1", store => store.UseSqlite(home));
                if (second is not null)
                    shards.Add("eu-2", store => store.UseSqlite(second));
                shards.PlaceByTenant().Configure(options =>
                    (options.CheckEvery, options.CheckTimeout) = (checkEvery, TimeSpan.FromSeconds(30)));
            })
            .WithTenants(options => options.CreatesOnDemand = true);
    }

    /// <summary>Returns the file of the second shard.</summary>
    public static string SecondOf(string home) => home + ".second";

    internal static async Task Run(string home, string lastStep)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(
            millrace, home, SecondOf(home), checkEvery: TimeSpan.FromMinutes(1))); // Its loops change nothing.
        using var host = builder.Build();
        await host.StartAsync();
        var shards = ((ShardedTenants)host.Services.GetRequiredService<Tenants>().Storage).Shards;
        using var never = new ManualResetEventSlim();
        shards.AfterStep = step =>
        {
            Console.Out.WriteLine($"STEP {step}");
            Console.Out.Flush();
            if (step == lastStep)
                never.Wait(MaxWait); // The test kills the node.
        };
        await host.Services.GetRequiredService<Shards>().Add(new ShardId("eu-2"));
    }
}
