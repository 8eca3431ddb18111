using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Tenancy.Moves;
using Millrace.Tenancy.Sharded;

namespace Millrace.Faults;

/// <summary>
/// A node that adds a shard to its map, or moves a tenant to another shard. It writes a line "STEP name" after each
/// step, and waits after the step that the test names, until the test kills the node.
/// </summary>
public static class ShardNode
{
    /// <summary>The environment variable with the last step.</summary>
    public const string StepVariable = "MILLRACE_FAULTS_SHARD";

    /// <summary>The start of the names of the steps of a move.</summary>
    public const string MovePrefix = "move-";

    /// <summary>The tenant that moves.</summary>
    public const string Tenant = "acme";

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

    /// <summary>Returns the shard in which the tenant is not.</summary>
    public static async Task<ShardId> OtherShardOf(Shards shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return await shards.FindTenant(Tenant) == new ShardId("eu-1") ? new ShardId("eu-2") : new ShardId("eu-1");
    }

    /// <summary>Makes a node end the pauses of movers that were killed soon.</summary>
    public static void EndPausesSoon(IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.GetRequiredService<Tenants>().Moves!.ReleaseAfter = TimeSpan.FromMilliseconds(500); // Set with shards.
        var mover = (TenantMover)services.GetRequiredService<Shards>().Mover!; // Set with shards.
        (mover.NoticeTime, mover.MaxPause) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
    }

    /// <summary>Lets pauses take as long as their movers need.</summary>
    public static void EndPausesLate(IServiceProvider services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.GetRequiredService<Tenants>().Moves!.ReleaseAfter = null; // Set with shards.
    }

    internal static async Task Run(string home, string lastStep)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => Configure(
            millrace, home, SecondOf(home), checkEvery: TimeSpan.FromMinutes(1))); // Its loops change nothing.
        using var host = builder.Build();
        await host.StartAsync();
        using var never = new ManualResetEventSlim();
        void Report(string step)
        {
            Console.Out.WriteLine($"STEP {step}");
            Console.Out.Flush();
            if (step == lastStep)
                never.Wait(MaxWait); // The test kills the node.
        }

        if (lastStep.StartsWith(MovePrefix, StringComparison.Ordinal))
        {
            var map = host.Services.GetRequiredService<Shards>();
            var mover = (TenantMover)map.Mover!; // The application places tenants.
            (mover.NoticeTime, mover.MaxPause) = (TimeSpan.Zero, TimeSpan.FromMinutes(2));
            mover.AfterStep = step => Report(MovePrefix + step);
            await map.MoveTenant(Tenant, await OtherShardOf(map));
            return;
        }
        var shards = ((ShardedTenants)host.Services.GetRequiredService<Tenants>().Storage).Shards;
        shards.AfterStep = Report;
        await host.Services.GetRequiredService<Shards>().Add(new ShardId("eu-2"));
    }
}
