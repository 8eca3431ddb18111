using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.Objects;
using Millrace.Tenancy;
using Millrace.Testing;
using Millrace.Tests.Backups;

namespace Millrace.Tests;

public sealed class OpenTenantTests
{
    [Fact]
    public async Task Open_tenants_are_limited_and_all_can_be_entered_in_turn()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        await using var app = await TenantApp.Start(testStore, options => options.MaxOpen = 3);

        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 10; i++)
            {
                await app.Append($"t{i}", "ada", new Loaded("ada", i));
                Assert.InRange(app.Tenants.OpenCount, 1, 3);
            }
        }

        for (var i = 0; i < 10; i++)
        {
            await using var scope = await app.Enter($"t{i}");
            var cargo = await scope.ReadModel<string, Cargo>().Get("ada", await scope.Store.GetToken());
            Assert.Equal(2 * i, cargo.Value!.Crates);
        }
    }

    [Fact]
    public async Task A_caller_without_a_free_slot_waits_and_times_out()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using var app = await TenantApp.Start(testStore, options =>
            // Long enough to close the other tenant.
            (options.MaxOpen, options.EnterTimeout) = (1, TimeSpan.FromSeconds(10)));

        var acme = await app.Enter("acme");
        var refused = await Assert.ThrowsAsync<TenantsBusyException>(() => app.Enter("zoo"));
        await using (var again = await app.Enter("acme"))
            Assert.Equal("acme", again.Tenant.Value);
        await acme.DisposeAsync();
        await using var zoo = await app.Enter("zoo");

        Assert.Equal((1, true), (refused.Open, refused.IsTransient));
        Assert.Equal("zoo", zoo.Tenant.Value);
    }

    [Fact]
    public async Task Many_callers_that_wait_for_few_slots_all_get_one()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using var app = await TenantApp.Start(testStore, options => options.MaxOpen = 2);
        var entered = new ConcurrentDictionary<string, int>();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 200),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, _) =>
            {
                await using var scope = await app.Enter($"t{i % 40}");
                entered.AddOrUpdate(scope.Tenant.Value, 1, (_, times) => times + 1);
            }
        );

        Assert.Equal((40, true), (entered.Count, entered.Values.All(times => times == 5)));
    }

    [Fact]
    public async Task An_idle_tenant_is_closed_with_its_store()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        await using var app = await TenantApp.Start(testStore, options => options.IdleAfter = TimeSpan.FromSeconds(1));
        EventStore store;
        await using (var scope = await app.Enter("acme"))
        {
            store = scope.Store;
            await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]);
        }

        await Eventually.Until(() => app.Tenants.OpenCount == 0, TestNode.WaitTimeout);
        var refused = await Assert.ThrowsAsync<StorageException>(
            () => store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]));
        await using var again = await app.Enter("acme");

        Assert.Equal(StorageProblem.Closed, refused.Problem);
        Assert.Equal(1, await again.Store.Count(EventFilter.All));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tables/")] // Changes are restored only together with a copy of the tables.
    public async Task An_idle_tenant_stays_open_until_its_changes_are_backed_up(string failingPart)
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        var directory = Directory.CreateTempSubdirectory("millrace-backups-");
        var isFailing = true;
        var place = new HookedObjectStorage(new DirectoryObjectStorage(directory.FullName))
        {
            Putting = (name, _) => Volatile.Read(ref isFailing) && name.Contains(failingPart, StringComparison.Ordinal)
                ? throw new ObjectStorageException("no space", ObjectStorageProblem.Unavailable)
                : Task.CompletedTask,
        };
        await using var app = await TenantApp.Start(
            testStore,
            options => options.IdleAfter = TimeSpan.FromSeconds(1),
            millrace => millrace.UseBackup(place, options => options.Interval = TimeSpan.FromMilliseconds(100)));
        var backups = app.Services.GetRequiredService<ContinuousBackup>();

        await app.Append("acme", "ada", new Loaded("ada", 1));
        await Eventually.Until(() => backups.List() is [{ Error: not null }], TestNode.WaitTimeout);
        var failing = Stopwatch.StartNew();
        await Eventually.Until(() => failing.Elapsed > TimeSpan.FromSeconds(3), TestNode.WaitTimeout);
        var openDuring = app.Tenants.OpenCount;
        Volatile.Write(ref isFailing, false);
        await Eventually.Until(() => app.Tenants.OpenCount == 0, TestNode.WaitTimeout);
        var set = Assert.Single(await StoreRestore.List(place));
        directory.Delete(recursive: true);

        Assert.Equal(1, openDuring);
        Assert.NotNull(set.RestorablePosition);
        Assert.Equal(set.LastPosition, set.RestorablePosition);
    }

    [Fact]
    public async Task A_failing_backup_does_not_delay_the_visits_of_other_tenants()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        await CreateTenants(testStore, 4);
        var seen = 0;
        var place = new DirectoryObjectStorage(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())); // Missing.
        var started = Stopwatch.StartNew();
        await using var app = await TenantApp.Start(
            testStore,
            options => options.VisitsAtOnce = 1,
            millrace => millrace
                .UseBackup(place, options => options.Interval = TimeSpan.FromMilliseconds(100))
                .AddConsumer("clerk", EventFilter.All, (_, _) =>
                {
                    Interlocked.Increment(ref seen);
                    return ValueTask.CompletedTask;
                }));

        await Eventually.Until(
            () => Volatile.Read(ref seen) >= 4 && app.Tenants.OpenCount == 0, TimeSpan.FromSeconds(90));

        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60)); // Less than 30 seconds each.
    }

    private static async Task CreateTenants(TenantTestStore testStore, int count)
    {
        await using var writes = await TenantApp.Start(
            testStore, configure: millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false));
        for (var i = 0; i < count; i++)
            await writes.Append($"t{i}", "ada", new Loaded("ada", i + 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_visited_tenant_is_closed_unless_a_caller_has_used_it(bool isUsed)
    {
        var open = new OpenTenants(
            static _ => new EmptyRuntime(), new TenantOptions(), TimeProvider.System, NullLogger.Instance);
        var acme = new TenantId("acme");
        var visited = await open.Enter(acme, default, isVisit: true);
        if (isUsed)
            open.Leave(await open.Enter(acme, default));
        open.Leave(visited, isVisit: true);

        var isClosed = await open.TryCloseVisited(visited);

        Assert.Equal((!isUsed, isUsed), (isClosed, open.Has(acme)));
        await open.Stop();
    }

    [Fact]
    public async Task A_scope_that_ends_leaves_the_store_open_for_others()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        await using var app = await TenantApp.Start(testStore);
        await using var scope = await app.Enter("acme");

        await using (var closing = await app.Enter("acme"))
            Assert.Same(scope.Store, closing.Store);
        var appended = await scope.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]);

        Assert.Equal(1, appended.Version);
    }

    [Fact]
    public async Task A_scope_belongs_to_one_tenant()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using var app = await TenantApp.Start(testStore);
        await using var scope = await app.Enter("acme");

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            app.Tenants.Enter(new TenantId("zoo"), scope.Services));

        Assert.Equal("acme", scope.Services.GetRequiredService<CurrentTenant>().Id.Value);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Unfinished_work_of_a_node_is_done_by_the_next_one_without_a_caller(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using (var writes = await TenantApp.Start(
            testStore, configure: millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false)))
        {
            for (var i = 0; i < 5; i++)
                await writes.Append($"t{i}", "ada", new Loaded("ada", i + 1));
        }
        var seen = 0;
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddConsumer("clerk", EventFilter.All, (_, _) =>
            {
                Interlocked.Increment(ref seen);
                return ValueTask.CompletedTask;
            }));

        await Eventually.Until(() => Volatile.Read(ref seen) >= 5, TestNode.WaitTimeout);
        await Eventually.Until(() => app.Tenants.OpenCount == 0, TestNode.WaitTimeout);
    }

    /// <summary>A tenant without a store.</summary>
    private sealed class EmptyRuntime : ITenantRuntime
    {
        public bool IsBuilding => false;

        public QuietLog? Quiet { get; set; }

        public Task Start(OpenTenant tenant, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task Stop(CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask<bool> IsSettled(bool isVisit, CancellationToken cancellationToken) => new(true);

        public ValueTask DisposeAsync() => default;
    }
}
