using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests the removal of expired documents and old events in an application with tenants.</summary>
public sealed class TenantExpiryTests
{
    private static readonly DateTimeOffset Past = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2199, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Documents_and_events_of_one_tenant_are_removed_without_those_of_another(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore, configure: static millrace => millrace
            .AddModel(AddBerths)
            .AddRetention(static retention => retention.StreamsPerSecond = 1_000_000));
        await app.Append("acme", "ada", new Berthed("ada", "north", Past));
        await app.Append("zoo", "ada", new Berthed("ada", "south", Future));
        await app.Append("acme", "bob", new Berthed("bob", "north", Future));
        await app.Append("zoo", "bob", new Berthed("bob", "south", Past));
        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");

        await Eventually.Get(() => Documents(acme.Store), static keys => keys == "bob", TestNode.WaitTimeout);
        await Eventually.Get(() => Documents(zoo.Store), static keys => keys == "ada", TestNode.WaitTimeout);
        var last = await zoo.Store.ReadStream(Harbour.StreamOf("bob")).FirstAsync();
        await app.Append("zoo", "cyd", new Loaded("cyd", 1));
        await app.Append("acme", "cyd", new Loaded("cyd", 1));
        foreach (var consumer in (string[])["berths@1", "cargo@1"])
        {
            await Eventually.Get(
                async () => (await acme.Store.Storage.Leases.Find(consumer, CancellationToken.None))[0].Checkpoint,
                checkpoint => checkpoint >= acme.Store.Tail.Head.Position,
                TestNode.WaitTimeout);
        }
        var removed = await acme.Services.GetRequiredService<RetentionService>().DeleteBefore(
            "ship", last.Timestamp.AddTicks(1), "ann", ["berths"]);

        Assert.Equal(2, removed);
        Assert.Equal(("bob", 0L), (await Documents(acme.Store), await Events(acme.Store)));
        Assert.Equal(("ada", 2L), (await Documents(zoo.Store), await Events(zoo.Store)));
        await using var whole = await EventStore.Open(testStore.WholeStorageOf("acme"), EventTypeMap.Empty);
        Assert.True((await whole.Verify()).IsSound);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task A_document_is_removed_while_other_tenants_append_to_the_same_log(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(
            testStore, configure: static millrace => millrace.AddModel(AddBerths));
        await app.Append("acme", "ada", new Berthed("ada", "north", DateTimeOffset.UtcNow.AddSeconds(1)));
        await app.Append("acme", "bob", new Berthed("bob", "north", Future));
        await using var acme = await app.Enter("acme");

        await Eventually.Get(
            async () =>
            {
                await app.Append("zoo", "ada", new Loaded("ada", 1));
                return await Documents(acme.Store);
            },
            static keys => keys == "bob",
            TestNode.WaitTimeout);
    }

    [Fact]
    public async Task A_document_of_a_large_tenant_is_removed_after_many_events_of_others()
    {
        // The storage reads so many streams by position, and skips the events of others in pages.
        const int Ships = 70;
        const int EventsOfOthers = 11_000;
        const int PageOfOthers = 1_000;
        using var testStore = await TenantTestStore.Create(TenantStorageKind.OneFile);
        await using var app = await TenantApp.Start(
            testStore, configure: static millrace => millrace.AddModel(AddBerths));
        await using var acme = await app.Enter("acme");
        for (var i = 0; i < Ships; i++)
            await app.Append("acme", $"s{i}", new Berthed($"s{i}", "north", Future));
        await app.Append("acme", "ada", new Berthed("ada", "north", DateTimeOffset.UtcNow.AddSeconds(1)));
        object[] page = [.. Enumerable.Range(0, PageOfOthers).Select(static _ => new Loaded("ada", 1))];
        for (var i = 0; i < EventsOfOthers; i += PageOfOthers)
            await app.Append("zoo", "ada", page);

        await Eventually.Get(
            () => Documents(acme.Store),
            static keys => !keys.Contains("ada", StringComparison.Ordinal),
            TestNode.WaitTimeout);
    }

    [Theory]
    [InlineData(TenantStorageKind.FileEach)]
    [InlineData(TenantStorageKind.OneFile)]
    public async Task A_document_of_a_tenant_that_is_opened_only_by_visits_is_removed(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        var clock = new ManualClock();
        await using var app = await TenantApp.Start(
            testStore,
            static options => (options.IdleAfter, options.VisitEvery) =
                (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)),
            millrace =>
            {
                millrace.Services.AddSingleton<TimeProvider>(clock);
                millrace.AddModel(AddBerths);
            });
        await app.Append("acme", "ada", new Berthed("ada", "north", clock.GetUtcNow().AddHours(1)));
        await app.Append("acme", "bob", new Berthed("bob", "north", Future));
        await Eventually.Until(() => Elapse() && app.Tenants.OpenCount == 0, TestNode.WaitTimeout);
        await using var whole = await EventStore.Open(testStore.WholeStorageOf("acme"), EventTypeMap.Empty);
        var before = await Count();

        clock.Advance(TimeSpan.FromHours(2));
        await Eventually.Get(Count, count => Elapse() && count == 1, TestNode.WaitTimeout);

        Assert.Equal(2, before);
        await using var acme = await app.Enter("acme");
        Assert.Equal("bob", await Documents(acme.Store));

        bool Elapse()
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return true;
        }

        async Task<long> Count() => (await whole.Storage.Documents.List(CancellationToken.None))
            .Where(static collection => collection.Definition.Name.Contains("berths@1", StringComparison.Ordinal))
            .Sum(static collection => collection.Documents);
    }

    private static void AddBerths(ModelBuilder model) => model.Projection(Berths.Define());

    private static async Task<string> Documents(EventStore store)
    {
        var page = await store.Storage.Documents.Query(
            new DocumentQuery { Collection = "berths@1" }, CancellationToken.None);
        return string.Join(' ', page.Documents.Select(static document => document.Key));
    }

    private static async Task<long> Events(EventStore store) =>
        await store.Count(EventFilter.OfTypes("ship.berthed"));
}
