using Millrace.Storage;
using Millrace.Store;
using Millrace.Testing;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Planning;

/// <summary>Tests explanations and advised indexes of encrypted read models and of tenants.</summary>
public sealed class ScopedPlanningTests
{
    private const string Ada = "AdaLovelaceKing18151210";
    private const string People = "people@1";

    [Theory]
    [DatabaseKinds]
    public async Task Explanations_of_encrypted_members_compare_hashes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await PeopleApp.Start(
            millrace => millrace.UseStorage(_ => shared.Open()), new PeopleKeys());
        await app.Register(1, Ada);
        await app.Register(2, "BobSmithJones19001231");
        await app.Register(3, Ada);
        Assert.NotNull(await app.Document(3));
        var query = new DocumentQuery
        {
            Collection = "people",
            Conditions = [new("name", Comparison.Equal, Ada), new("changes", Comparison.GreaterOrEqual, 1)],
        };
        var planner = app.Store.Storage.Planner!; // Both databases have one.

        var page = await app.Store.Explain(query);
        var count = await planner.ExplainCount(People, query.Conditions, CancellationToken.None);
        await new AdvisedIndexStore(app.Store).Put(
            RecordOf("people", "idx_people_name_changes", "name", "changes"), CancellationToken.None);
        var all = await app.Store.Storage.Documents.ListDefinitions(CancellationToken.None);
        app.Store.IndexRequests.Add(all.Single(one => one.Name == People));
        await Eventually.Get(() => IndexesOf(app.Store, People), static indexes => indexes.Count == 1);
        var indexed = await app.Store.Explain(query);

        Assert.Equal((2, 1, 2), (page.Rows, count.Rows, indexed.Rows));
        Assert.All(
            (QueryExplanation[])[page, count, indexed],
            explained => Assert.DoesNotContain("Lovelace", explained.Plan.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(TenantStorageKind.OneFile)]
    [InlineData(TenantStorageKind.OneDatabase)]
    public async Task Each_tenant_has_its_own_plans_and_indexes(TenantStorageKind kind)
    {
        if (kind == TenantStorageKind.OneDatabase && !SharedStore.All.Contains(StoreKind.PostgreSql))
            return;
        using var shared = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(shared);
        await app.Append("acme", "Elbe", new Loaded("Elbe", 7));
        await app.Append("beta", "Oder", new Loaded("Oder", 7));
        await using var acme = await app.Enter("acme");
        await using var beta = await app.Enter("beta");
        var collection = Assert.Single(
            await acme.Store.Storage.Documents.ListDefinitions(CancellationToken.None),
            static one => one.Name == "cargo@1");
        var query = new DocumentQuery
        {
            Collection = "cargo",
            Conditions = [new("crates", Comparison.Equal, 7)],
        };

        var rows = await Eventually.Get(
            async () => (await acme.Store.Explain(query)).Rows, static rows => rows == 1);
        await new AdvisedIndexStore(acme.Store).Put(
            RecordOf("cargo", "idx_cargo_ship_crates", "ship", "crates"), CancellationToken.None);
        acme.Store.IndexRequests.Add(collection);
        await Eventually.Get(() => IndexesOf(acme.Store, "cargo@1"), static indexes => indexes.Count == 1);
        beta.Store.IndexRequests.Add(collection);
        var ofBeta = (await IndexesOf(beta.Store, "cargo@1"), await beta.Store.ListAdvisedIndexes());
        await acme.Store.RemoveAdvisedIndex("idx_cargo_ship_crates");

        Assert.Equal(1, rows);
        Assert.Equal((0, 0), (ofBeta.Item1.Count, ofBeta.Item2.Count));
        Assert.Empty(await IndexesOf(acme.Store, "cargo@1"));
    }

    private static AdvisedIndex RecordOf(string readModel, string name, params string[] fields) => new()
    {
        Name = name,
        ReadModel = readModel,
        Fields = fields,
        BuiltAt = DateTimeOffset.UnixEpoch,
    };

    private static Task<IReadOnlyList<DocumentIndex>> IndexesOf(EventStore store, string collection) =>
        store.Storage.Planner!.Indexes!.List(collection, CancellationToken.None).AsTask(); // Databases have them.
}
