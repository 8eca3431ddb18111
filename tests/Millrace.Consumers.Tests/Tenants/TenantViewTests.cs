using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;
using Millrace.Tests.Materializing;

namespace Millrace.Tests;

/// <summary>Tests two versions of an immediate view in a store that tenants share.</summary>
public sealed class TenantViewTests
{
    private const string View = "loaded-ships";

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task Each_version_of_a_view_has_its_own_rows_in_each_tenant(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        ConsistencyToken inAcme, inZoo;
        await using (var former = await Start(testStore, version: 1))
        {
            inAcme = await former.Append("acme", "ada", new Loaded("ada", 4));
            inZoo = await former.Append("zoo", "ada", new Loaded("ada", 7));
            Assert.Equal(4, (await RowOf(former, "acme", inAcme)).Value?.Crates);
            Assert.Equal(7, (await RowOf(former, "zoo", inZoo)).Value?.Crates);
        }
        await using var app = await Start(testStore, version: 2);
        await using var old = await Start(testStore, version: 1, runsConsumers: false);

        var before = ((await RowOf(app, "acme", inAcme)).Value?.Crates, (await RowOf(app, "zoo", inZoo)).Value?.Crates);
        var token = await app.Append("acme", "ada", new Loaded("ada", 1));
        var after = await RowOf(app, "acme", token);
        var ofOthers = await RowOf(app, "zoo", inZoo);
        var ofFormer = await RowOf(old, "acme", new ReadAfter(token, TimeSpan.Zero));

        Assert.Equal((8, 14), before);
        Assert.Equal((10, 14), (after.Value?.Crates, ofOthers.Value?.Crates));
        Assert.Equal((4, false), (ofFormer.Value?.Crates, ofFormer.Freshness.IsFresh));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task A_view_that_is_dropped_in_a_tenant_keeps_its_rows_in_another(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        ConsistencyToken inAcme, inZoo;
        await using (var former = await Start(testStore, version: 1))
        {
            inAcme = await former.Append("acme", "ada", new Loaded("ada", 4));
            inZoo = await former.Append("zoo", "ada", new Loaded("ada", 7));
            await RowOf(former, "acme", inAcme);
            await RowOf(former, "zoo", inZoo);
        }
        await using var app = await Start(testStore, version: 2);
        await using var old = await Start(testStore, version: 1, runsConsumers: false);
        await RowOf(app, "acme", inAcme);
        await RowOf(app, "zoo", inZoo);
        var listed = (await ListOf(app, "acme"), await ListOf(app, "zoo"));

        await using (var acme = await app.Enter("acme"))
            await acme.Services.GetRequiredService<MaterializedViews>().Drop(View);
        var built = await Eventually.Get(
            () => ListOf(app, "acme"),
            all => all is [{ Version: 2, Collection: { } rows }] && rows != listed.Item1[1].Collection,
            TestNode.WaitTimeout);
        var row = await RowOf(app, "acme", inAcme);

        Assert.Equal([1, 2], Versions(listed.Item1));
        Assert.Equal([1, 2], Versions(listed.Item2));
        Assert.Equal((8, 1), (row.Value?.Crates, built[0].Rows));
        await Assert.ThrowsAsync<ViewNotReadyException>(() => RowOf(old, "acme", inAcme));
        Assert.Equal(7, (await RowOf(old, "zoo", new ReadAfter(inZoo, TimeSpan.Zero))).Value?.Crates);
        Assert.Equal(14, (await RowOf(app, "zoo", inZoo)).Value?.Crates);
        Assert.Equal(
            listed.Item2.Select(static view => view.Collection),
            (await ListOf(app, "zoo")).Select(static view => view.Collection));
    }

    private static int[] Versions(IReadOnlyList<ViewStatus> views) => [.. views.Select(static view => view.Version)];

    private static async Task<IReadOnlyList<ViewStatus>> ListOf(TenantApp app, string tenant)
    {
        await using var scope = await app.Enter(tenant);
        return await scope.Services.GetRequiredService<MaterializedViews>().List();
    }

    private static async Task<ViewResult<LoadedShip>> RowOf(TenantApp app, string tenant, ReadAfter after)
    {
        await using var scope = await app.Enter(tenant);
        return await scope.Services.GetRequiredService<IMaterializedView<string, LoadedShip>>().Get("ada", after);
    }

    private static Task<TenantApp> Start(TenantTestStore testStore, int version, bool runsConsumers = true) =>
        TenantApp.Start(testStore, configure: millrace => millrace
            .ConfigureConsumers(options => options.IsEnabled = runsConsumers)
            .AddView(
                new LoadedShips(version: version, firstWait: runsConsumers ? null : TimeSpan.Zero),
                ImmediateJson.Default.LoadedShip));
}
