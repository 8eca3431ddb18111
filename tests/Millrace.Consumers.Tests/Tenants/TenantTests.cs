using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class TenantTests
{
    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task The_same_names_in_two_tenants_are_independent(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);

        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");
        var first = await acme.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 4)]);
        var second = await zoo.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 7)]);
        var atAcme = await acme.ReadModel<string, Cargo>().Get("ada", first.Token);
        var atZoo = await zoo.ReadModel<string, Cargo>().Get("ada", second.Token);
        var read = await acme.Store.ReadLog(EventFilter.All).ToListAsync();

        Assert.Equal((1L, 1L), (first.Version, second.Version));
        Assert.Equal((4, true, 7, true), (atAcme.Value!.Crates, atAcme.IsFresh, atZoo.Value!.Crates, atZoo.IsFresh));
        Assert.Equal(
            ("ship-ada", "ship", 4),
            (read[0].Stream.Value, read[0].Stream.Category, ((Loaded)Assert.Single(read).Data).Crates));
        Assert.Equal(["ship-ada"], await zoo.Store.ListStreams().Select(stream => stream.Stream.Value).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Consumers_receive_the_events_of_their_tenant_with_its_services(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        var seen = new ConcurrentQueue<string>();
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace =>
                millrace.AddConsumer(services =>
                    ConsumerDefinition.Each(
                        "clerk",
                        EventFilter.All,
                        async (recorded, cancel) =>
                        {
                            var (tenant, store) = (
                                services.GetRequiredService<CurrentTenant>(),
                                services.GetRequiredService<EventStore>());
                            seen.Enqueue($"{tenant.Id} {recorded.Stream} {await store.Count(EventFilter.All, cancel)}");
                        }
                    )
                )
        );

        await app.Append("acme", "ada", new Loaded("ada", 1));
        await app.Append("zoo", "bob", new Loaded("bob", 1));
        await using (var acme = await app.Enter("acme"))
            await WaitUntilSettled(acme);
        await using (var zoo = await app.Enter("zoo"))
            await WaitUntilSettled(zoo);

        Assert.Equal(["acme ship-ada 1", "zoo ship-bob 1"], seen.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task A_failing_event_blocks_its_key_only_in_its_tenant(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);

        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");
        await acme.Store.Append(
            Harbour.StreamOf("ada"),
            ExpectedVersion.Any,
            [new Loaded("ada", -1), new Loaded("ada", 2)]);
        var token = (
            await zoo.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 3)])).Token;
        await WaitUntilSettled(acme);
        var letters = await DeadLettersOf(acme).List(new DeadLetterQuery());
        var groups = await DeadLettersOf(acme).ListGroups();
        var others = await DeadLettersOf(zoo).List(new DeadLetterQuery());
        var cargo = await zoo.ReadModel<string, Cargo>().Get("ada", token);

        Assert.Equal(
            ["cargo@1 ship-ada 1", "cargo@1 ship-ada 2"],
            letters.Select(letter => $"{letter.Consumer} {letter.Stream} {letter.Version}"));
        Assert.Equal("cargo@1", Assert.Single(groups).Consumer);
        Assert.Empty(others);
        Assert.Equal((3, "fresh"), (cargo.Value!.Crates, cargo.Freshness.ToString()));
        Assert.Equal(letters[0].Id, (await DeadLettersOf(acme).Show(letters[0].Id)).DeadLetter.Id);
        // In separate stores, each tenant has its own ids.
        if (testStore.IsShared)
            await Assert.ThrowsAsync<DeadLetterNotFoundException>(
                () => DeadLettersOf(zoo).Show(letters[0].Id).AsTask());
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task A_value_is_explained_by_the_events_of_its_tenant(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        await app.Append("acme", "ada", new Loaded("ada", 1), new Loaded("ada", 2));
        await app.Append("zoo", "ada", new Loaded("ada", 10));

        await using var zoo = await app.Enter("zoo");
        await WaitUntilSettled(zoo);
        var explained = await zoo.Services.GetRequiredService<Explanations>().Explain("cargo/ada.crates");
        var shown = await zoo.Services.GetRequiredService<Explanations>().Show(Harbour.StreamOf("ada"));

        Assert.Equal(("10", 1L), (explained.Value, explained.Events));
        Assert.Equal("ship-ada", Assert.Single(explained.Changes).Event.Stream.Value);
        Assert.Equal((1L, 1), (shown.Version, shown.Documents.Count));
    }

    [Fact]
    public async Task Without_a_tenant_the_services_throw_with_advice()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using var app = await TenantApp.Start(testStore);
        await using var scope = app.Services.CreateAsyncScope();

        var refused = Assert.Throws<NoTenantException>(() => scope.ServiceProvider.GetRequiredService<EventStore>());
        Assert.Throws<NoTenantException>(() => scope.ServiceProvider.GetRequiredService<ICommandBus>());
        Assert.Throws<NoTenantException>(() => scope.ServiceProvider.GetRequiredService<IReadModel<string, Cargo>>());
        Assert.False(scope.ServiceProvider.GetRequiredService<CurrentTenant>().IsKnown);

        Assert.Contains("Tenants.Enter", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Tenants_are_created_and_listed_and_an_unknown_name_is_refused(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore, options => options.CreatesOnDemand = false);
        await using var other = await TenantApp.Start(testStore, options => options.CreatesOnDemand = false);
        var (acme, zoo) = (new TenantId("acme"), new TenantId("zoo"));

        var refused = await Assert.ThrowsAsync<TenantNotFoundException>(() => app.Tenants.Enter(acme));
        var created = await Task.WhenAll(app.Tenants.Create(acme).AsTask(), other.Tenants.Create(acme).AsTask());
        await app.Tenants.Create(zoo);
        await using var entered = await other.Tenants.Enter(acme);

        Assert.Equal(acme, refused.Tenant);
        Assert.Single(created, isCreated => isCreated);
        Assert.Equal([acme, zoo], await other.Tenants.List());
        Assert.True(await app.Tenants.Exists(zoo));
        Assert.Equal(acme, entered.Tenant);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Separate), MemberType = typeof(TenantTestStore))]
    public async Task A_tenant_with_its_own_store_is_removed_completely(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        await app.Append("acme", "ada", new Loaded("ada", 1));
        await app.Append("zoo", "ada", new Loaded("ada", 2));

        await using (await app.Enter("acme"))
            await Assert.ThrowsAsync<TenantsBusyException>(() => app.Tenants.Remove(new TenantId("acme")).AsTask());
        var isRemoved = await app.Tenants.Remove(new TenantId("acme"));
        var isRemovedAgain = await app.Tenants.Remove(new TenantId("acme"));
        var remaining = await app.Tenants.List();
        await using var again = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");

        Assert.Equal((true, false), (isRemoved, isRemovedAgain));
        Assert.Equal(["zoo"], remaining.Select(tenant => tenant.Value));
        Assert.Equal(0, await again.Store.Count(EventFilter.All));
        Assert.Equal(1, await zoo.Store.Count(EventFilter.All));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task Operations_on_the_whole_shared_store_are_refused_for_a_tenant(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        await app.Append("acme", "ada", new Loaded("ada", 1), new Loaded("ada", 2));
        await app.Append("zoo", "bob", new Loaded("bob", 1));

        await using var acme = await app.Enter("acme");
        var info = await acme.Store.GetInfo();

        Assert.Equal((2L, 1L, 3L), (info.Events, info.Streams, info.Head.Position));
        await Assert.ThrowsAsync<StorageException>(() => acme.Store.Backup("copy").AsTask());
        await Assert.ThrowsAsync<StorageException>(() => acme.Store.Verify().AsTask());
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task The_log_that_tenants_share_is_audited(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddLogAudit(options => options.Every = TimeSpan.FromMilliseconds(100)));
        await app.Append("acme", "ada", new Loaded("ada", 1), new Loaded("ada", 2));
        await app.Append("zoo", "ada", new Loaded("ada", 3));

        var audit = app.Services.GetRequiredService<LogAudit>();
        await Eventually.Until(() => audit.Status.Position == 3, TestNode.WaitTimeout);

        Assert.Equal(0, audit.Status.ProblemCount);
    }

    [Fact]
    public async Task Separate_logs_are_not_audited_and_the_error_explains_why()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TenantApp.Start(testStore, configure: millrace => millrace.AddLogAudit()));

        Assert.Contains("--tenant", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_of_the_application_need_separate_databases()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneFile);

        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => TenantApp.Start(testStore, configure: millrace => millrace.AddSqlProjection(new Totals())));

        Assert.Contains("{tenant}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_tenants_out_of_range_keep_the_application_from_starting()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneMemory);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            TenantApp.Start(testStore, options => options.MaxOpen = 0));

        Assert.Contains("MaxOpen", refused.Message, StringComparison.Ordinal);
    }

    internal static async Task WaitUntilSettled(TenantScope scope)
    {
        var (consumers, token) = (scope.Services.GetRequiredService<Consumers>(), await scope.Store.GetToken());
        foreach (var status in await consumers.List())
            Assert.True(
                await consumers.WaitFor(status.Name, token, TestNode.WaitTimeout),
                $"{status.Name} did not reach the position.");
    }

    internal static DeadLetters DeadLettersOf(TenantScope scope) => scope.Services.GetRequiredService<DeadLetters>();

    private sealed class Totals() : SqlProjection("totals")
    {
        protected internal override IReadOnlyList<Type> Events => [typeof(Loaded)];

        protected internal override IReadOnlyList<string> Schema =>
            ["CREATE TABLE IF NOT EXISTS totals (crates bigint)"];

        protected internal override IReadOnlyList<string> Clear => ["DELETE FROM totals"];

        protected internal override void Apply(RecordedEvent recorded, SqlBatch batch) =>
            batch.Add("INSERT INTO totals VALUES (1)");
    }
}
