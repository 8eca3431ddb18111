using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Hosting.Checking;
using Millrace.Sqlite;
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

    [Fact]
    public async Task A_held_lease_does_not_hide_that_events_wait()
    {
        var file = Path.Combine(_directory, "shop.db");
        using (var before = await Start(
            static (millrace, folder) => millrace.UseSqlite(Path.Combine(folder, "shop.db")),
            new ShiftedTime(TimeSpan.FromMinutes(-20))))
        {
            await Append(before.Services.GetRequiredService<EventStore>());
            await Eventually.Get(() => BackupOf(before.Services), static item => item.Answer == ReadinessAnswer.Yes);
            await before.StopAsync();
        }
        var now = TimeProvider.System.GetUtcNow();
        await using (var store = await EventStore.Open(
            new SqliteStorage(file), EventTypeMap.Empty, time: new ShiftedTime(TimeSpan.FromMinutes(-10))))
            await Append(store); // Ten minutes ago.
        await using (var storage = new SqliteStorage(file))
        {
            await storage.Open(default);
            await storage.Leases.Acquire("backup", 0, "hanging", TimeSpan.FromHours(1), now, default);
        }
        using var host = await Start(static (millrace, folder) =>
            millrace.UseSqlite(Path.Combine(folder, "shop.db")));

        var item = await BackupOf(host.Services);
        await host.StopAsync();

        Assert.Equal(ReadinessAnswer.No, item.Answer);
        Assert.StartsWith("The backup is late: ", item.Reason, StringComparison.Ordinal);
        Assert.Contains(" events wait, the first one since ", item.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_must_be_changed_to_be_read_is_not_changed_and_not_known()
    {
        using var host = await Start(UseTenants);
        await using var scope = await EnterTenant(host, "acme");
        await Append(scope.Store);
        await host.Services.GetRequiredService<Tenants>().Create(new TenantId("beta")); // Has no tables yet.

        var item = await Eventually.Get(
            () => BackupOf(host, "acme"), static item => item.Answer != ReadinessAnswer.No);

        Assert.Equal(ReadinessAnswer.Unknown, item.Answer);
        Assert.StartsWith("The backup of tenant 'beta' is not known: ", item.Reason, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(Path.Combine(_directory, "beta.db")).Length);
    }

    [Fact]
    public void Tenants_that_were_not_checked_in_time_are_not_known()
    {
        var states = new Dictionary<TenantId, BackupReadiness.StoreState> { [new TenantId("acme")] = default };

        var all = BackupReadiness.AnswerOf(1, states, "the place");
        var some = BackupReadiness.AnswerOf(500, states, "the place");

        Assert.Equal(
            (ReadinessAnswer.Yes, "The stores of 1 tenant are backed up to the place."), (all.Answer, all.Reason));
        Assert.Equal(
            (ReadinessAnswer.Unknown, "Only 1 of 500 tenants could be checked within 6 s."),
            (some.Answer, some.Reason));
    }

    private static Task<AppendResult> Append(EventStore store) => store.Append(
        new StreamId("note-1"), ExpectedVersion.Any, [NewEvent.FromBytes("note.kept", "{}"u8.ToArray())]);

    private static void UseTenants(MillraceBuilder millrace, string folder) => millrace
        .UseSqlite(Path.Combine(folder, "{tenant}.db"))
        .WithTenants(options => options.CreatesOnDemand = true);

    private async Task<IHost> Start(Action<MillraceBuilder, string> useStore, TimeProvider? time = null)
    {
        var place = Directory.CreateDirectory(Path.Combine(_directory, "backups")).FullName;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
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

    /// <summary>A clock that differs from that of the system.</summary>
    private sealed class ShiftedTime(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
    }
}
