using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Recovering;
using Millrace.Sqlite;
using Millrace.Testing;

namespace Millrace.Tests.Recovering;

/// <summary>Recoveries of an application whose store has real faults.</summary>
public sealed class RecoveryFaultTests : IDisposable
{
    private static readonly string[] Observed = ["diagnosed", "given-up", "healed"];

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // The server is stopped and started.
    public async Task A_lost_server_is_observed_reported_and_recorded_afterwards()
    {
        await using var server = await PostgreSqlServer.Start();
        var database = server.ConnectionString(await server.CreateDatabase());
        using var host = await StartHost(millrace => millrace.UsePostgreSql(database));
        await server.Crash();
        await Eventually.Until(() => TroubleOf(host).IsGivenUp, TestNode.WaitTimeout);
        await server.Restart();

        var steps = await WaitFor(host, "healed");
        Assert.Equal(Observed, steps.Select(step => step.Kind));
        Assert.Equal(RecoverySymptoms.StoreUnavailable, steps[0].Diagnosis!.Symptom);
        Assert.True(steps[^1].Duration > TimeSpan.FromSeconds(1));
        await host.StopAsync();
    }

    [SmallDiskFact]
    [Trait(TestRun.Kind, TestRun.Long)] // The lock of the manager must expire first.
    public async Task A_full_disk_is_observed_reported_and_recorded_afterwards()
    {
        await using var disk = await SmallDisk.Mount(megabytes: 32);
        using var host = await StartHost(millrace => millrace.UseSqlite(Path.Combine(disk.Directory, "shop.db")));
        await disk.Fill();
        await Eventually.Until(() => TroubleOf(host).IsGivenUp, TestNode.WaitTimeout);
        disk.Empty();

        var steps = await WaitFor(host, "healed");
        Assert.Equal(Observed, steps.Select(step => step.Kind));
        Assert.Equal(RecoverySymptoms.DiskFull, steps[0].Diagnosis!.Symptom);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_damaged_page_goes_to_a_person_with_the_command_to_restore()
    {
        await using (var storage = new SqliteStorage(_file.Path))
        await using (var store = await EventStore.Open(storage, EventTypeMap.Empty))
        {
            for (var i = 0; i < 40; i++)
                await store.Append(
                    new StreamId($"pump-{i}"),
                    ExpectedVersion.Any,
                    Enumerable.Range(0, 50).Select(_ => NewEvent.FromBytes("pumped", new byte[1_000])).ToArray());
        }
        Damage();
        using var host = await StartHost(millrace => millrace
            .UseSqlite(_file.Path)
            .AddConsumer(_ => ConsumerDefinition.Each("pump", EventFilter.OfTypes("pumped"), (_, _) => default)));

        var steps = await WaitFor(host, "given-up");
        var fault = steps[^1].Diagnosis!;
        Assert.Equal((RecoveryCause.DataCorruption, "pump"), (fault.Cause, fault.Subject));
        Assert.Contains("millrace restore", steps[^1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(steps, step => step.Kind == "started");
        await host.StopAsync();
    }

    /// <summary>Overwrites pages in the middle of the file, where events are.</summary>
    private void Damage()
    {
        using var file = new FileStream(_file.Path, FileMode.Open, FileAccess.ReadWrite);
        var garbage = new byte[64 * 1024];
        Array.Fill(garbage, (byte)0xA5);
        file.Position = file.Length / 2 / 4096 * 4096;
        file.Write(garbage);
    }

    private static StoreTrouble TroubleOf(IHost host) => host.Services.GetRequiredService<RecoveryService>().Trouble;

    private static async Task<IHost> StartHost(Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMillrace(millrace =>
        {
            configure(millrace);
            millrace.UseRecovery(options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                foreach (var rule in RecoveryCatalogue.Rules)
                    options.ChangeRule(rule.Name, static rule => rule with
                    {
                        After = TimeSpan.FromSeconds(1),
                        HealthyFor = TimeSpan.Zero,
                    });
                options.DisableRule(RecoverySymptoms.StoreSlow);
            });
        });
        var host = builder.Build();
        await host.StartAsync();
        var recovery = host.Services.GetRequiredService<Recovery>();
        await Eventually.Get(() => recovery.FindInfo(), info => info is not null, TestNode.WaitTimeout);
        return host;
    }

    /// <summary>Waits for a kind of step, and returns all steps, oldest first.</summary>
    private static async Task<IReadOnlyList<RecoveryEntry>> WaitFor(IHost host, string kind)
    {
        var recovery = host.Services.GetRequiredService<Recovery>();
        var steps = await Eventually.Get(
            () => recovery.History(), steps => steps.Any(step => step.Kind == kind), TestNode.WaitTimeout);
        return [.. steps.Reverse()];
    }
}
