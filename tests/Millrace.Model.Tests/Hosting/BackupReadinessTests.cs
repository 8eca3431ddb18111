using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.Objects;
using Millrace.Testing;

namespace Millrace.Model.Tests.Hosting;

/// <summary>Tests the answer of the readiness check about backups.</summary>
public sealed class BackupReadinessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-readiness-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_backup_that_another_node_runs_is_seen()
    {
        using var first = await Start(static (millrace, folder) =>
            millrace.UseSqlite(Path.Combine(folder, "shop.db")));
        await Eventually.Get(
            () => BackupOf(first.Services), static item => item.Answer == ReadinessAnswer.Yes);
        using var second = await Start(static (millrace, folder) =>
            millrace.UseSqlite(Path.Combine(folder, "shop.db")));

        var item = await BackupOf(second.Services);
        var running = second.Services.GetRequiredService<ContinuousBackup>().List();
        await second.StopAsync();
        await first.StopAsync();

        Assert.Empty(running);
        Assert.Equal(ReadinessAnswer.Yes, item.Answer);
    }

    [Fact]
    public async Task The_stores_of_all_tenants_are_checked()
    {
        using (var before = await Start(UseTenants))
        {
            foreach (var tenant in new[] { "acme", "beta" })
            {
                await using var scope = await EnterTenant(before, tenant);
                await scope.Store.Append(
                    new StreamId("note-1"), ExpectedVersion.Any, [NewEvent.FromBytes("note.kept", "{}"u8.ToArray())]);
            }
            await Eventually.Get(() => BackupOf(before, "acme"), static item => item.Answer == ReadinessAnswer.Yes);
            await using (var scope = await EnterTenant(before, "beta"))
                await scope.Services.GetRequiredService<Consumers>().Pause("backup");
            await before.StopAsync();
        }

        using var host = await Start(UseTenants);
        var refused = await BackupOf(host, "acme");
        await using (var scope = await EnterTenant(host, "beta"))
            await scope.Services.GetRequiredService<Consumers>().Resume("backup");
        var accepted = await Eventually.Get(
            () => BackupOf(host, "acme"), static item => item.Answer == ReadinessAnswer.Yes);
        await host.StopAsync();

        Assert.Equal(
            (ReadinessAnswer.No, "The backup of tenant 'beta' is paused."), (refused.Answer, refused.Reason));
        Assert.Contains("The stores of 2 tenants are backed up", accepted.Reason, StringComparison.Ordinal);
    }

    private static void UseTenants(MillraceBuilder millrace, string folder) => millrace
        .UseSqlite(Path.Combine(folder, "{tenant}.db"))
        .WithTenants(options => options.CreatesOnDemand = true);

    private async Task<IHost> Start(Action<MillraceBuilder, string> useStore)
    {
        var place = Directory.CreateDirectory(Path.Combine(_directory, "backups")).FullName;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            useStore(millrace, _directory);
            millrace.UseBackup(new DirectoryObjectStorage(place));
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static Task<TenantScope> EnterTenant(IHost host, string tenant) =>
        host.Services.GetRequiredService<Tenants>().Enter(new TenantId(tenant));

    private static async Task<ReadinessItem> BackupOf(IHost host, string tenant)
    {
        await using var scope = await EnterTenant(host, tenant);
        return await BackupOf(scope.Services);
    }

    private static async Task<ReadinessItem> BackupOf(IServiceProvider services)
    {
        var report = await services.GetRequiredService<Readiness>().Check();
        return report.Items.Single(static item => item.Id == "backup");
    }
}
