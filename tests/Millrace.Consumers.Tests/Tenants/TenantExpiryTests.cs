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
            .AddModel(static model => model.Projection(Berths.Define()))
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

    private static async Task<string> Documents(EventStore store)
    {
        var page = await store.Storage.Documents.Query(
            new DocumentQuery { Collection = "berths@1" }, CancellationToken.None);
        return string.Join(' ', page.Documents.Select(static document => document.Key));
    }

    private static async Task<long> Events(EventStore store) =>
        await store.Count(EventFilter.OfTypes("ship.berthed"));
}
