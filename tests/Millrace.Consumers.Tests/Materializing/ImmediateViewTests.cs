using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Consuming;
using Millrace.Materializing;
using Millrace.Materializing.Immediate;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Materializing;

/// <summary>Tests views whose rows change in the commits of their read model.</summary>
public sealed class ImmediateViewTests
{
    [Theory]
    [StoreKinds]
    public async Task Rows_follow_the_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.Append("ada", new Loaded("ada", 4));
        await node.Append("anna", new Loaded("anna", 3));
        var loaded = await node.Append("bob", new Loaded("bob", 9));

        var before = (await node.Ships.Get("ada", loaded), await node.Fleets.Get("a", loaded));
        await node.Append("ada", new Unloaded("ada", 4));
        var scrapped = await node.Append("bob", new Scrapped("bob"));
        var after = (await node.Ships.Get("ada", scrapped), await node.Fleets.Get("a", scrapped));
        var gone = (await node.Ships.Get("bob", scrapped), await node.Fleets.Get("b", scrapped));

        Assert.Equal((new LoadedShip("ada", 4), new FleetTotal("a", 2, 7)), (before.Item1.Value, before.Item2.Value));
        Assert.Equal((null, new FleetTotal("a", 2, 3)), (after.Item1.Value, after.Item2.Value));
        Assert.Equal((null, null), (gone.Item1.Value, gone.Item2.Value));
        Assert.Equal((true, TimeSpan.Zero), (gone.Item1.Freshness.IsFresh, gone.Item1.Age));
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_are_queried_by_indexed_members_and_listed_with_their_progress(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        foreach (var (ship, crates) in ((string, int)[])[("ada", 4), ("bob", 9), ("cyd", 1)])
            await node.Append(ship, new Loaded(ship, crates));
        var token = await node.Append("dan", new Loaded("dan", 2));

        var page = await node.Ships.Query(
            new ReadQuery { OrderBy = "crates", IsDescending = true, Limit = 2 }, token);
        var next = await node.Ships.Query(
            new ReadQuery { OrderBy = "crates", IsDescending = true, Limit = 2, Cursor = page.Next }, token);
        var count = await node.Fleets.Count([new FieldCondition("crates", Comparison.Greater, 1)], token);
        var all = await Eventually.Get(
            async () => await node.Views.List(), all => all.All(one => one.RefreshedAt is not null),
            TestNode.WaitTimeout);

        Assert.Equal(["bob", "ada", "dan", "cyd"], page.Items.Concat(next.Items).Select(row => row.Ship));
        Assert.Equal(3, count.Value);
        Assert.Equal(
            [("fleet-totals", "group", 4L, token.Position), ("loaded-ships", "map", 4L, token.Position)],
            all.Select(status => (status.Name, status.Query, status.Rows, status.Position)));
        Assert.All(all, status => Assert.True(status is { IsDeclared: true, Error: null, Policy: "immediate" }));
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_that_exist_are_read_in_pages_while_others_change(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        string[] ships = [.. Enumerable.Range(0, 60).Select(ShipOf).Order(StringComparer.Ordinal)];
        await using var writer = await ImmediateNode.Start(shared, runsConsumers: false);
        await using (var former = await ImmediateNode.Start(shared, hasViews: false))
        {
            var end = await former.Append("all", [.. ships.Select(static ship => new Loaded(ship, 5))]);
            await former.Cargo.Get(ships[0], end);
        }
        var storage = new FaultyStorage(shared.Open());
        var token = default(ConsistencyToken);
        var pages = 0;
        storage.Committed = request =>
        {
            if (request.Documents.All(static change => change.Collection != FollowerStates.Collection))
                return;
            var page = pages++;
            // The changes of the documents follow a page, and are handled after the next one.
            if (page < 30)
                storage.BeforeNextCommit = async () => token = await writer.Append("some", [.. ChangesOf(ships, page)]);
        };

        await using var node = await ImmediateNode.Start(
            shared, storage: storage, configure: static options => options.CommitDocuments = 10);
        await Eventually.Get(() => Task.FromResult(pages), static count => count > 30, TestNode.WaitTimeout);
        await node.RequireRightRows(token);
    }

    [Theory]
    [StoreKinds]
    public async Task A_long_build_does_not_delay_the_other_views(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var former = await ImmediateNode.Start(shared))
        {
            token = await former.Append(
                "all", [.. Enumerable.Range(0, 50).Select(static i => new Loaded(ShipOf(i), i))]);
            await former.RequireRightRows(token);
        }
        var storage = new FaultyStorage(shared.Open());
        var states = new ConcurrentQueue<string>();
        storage.Committed = request =>
        {
            foreach (var change in request.Documents.Where(one => one.Collection == FollowerStates.Collection))
                states.Enqueue(change.Key);
        };

        await using var node = await ImmediateNode.Start(
            shared, version: 2, storage: storage, configure: static options => options.CommitDocuments = 5);
        await node.Ships.Get(ShipOf(1), token);

        // The view that continues is confirmed before the other one has read its first page.
        Assert.Contains("fleet-totals", string.Join(' ', states.Take(2)), StringComparison.Ordinal);
        Assert.True(states.Count(static key => key.Contains("loaded-ships", StringComparison.Ordinal)) > 10);
    }

    [Theory]
    [StoreKinds]
    public async Task Sums_keep_all_digits(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        decimal[] sums = [1.10m, 7.9228162514264337593543950335m, -0.0000000000000000000000000001m, decimal.MinValue];
        var change = new DocumentChange
        {
            Collection = "sums@1",
            Key = "a",
            Body = GroupBody.Write(new GroupTotals(2, sums), "{}"u8),
        };
        await node.Store.Storage.Documents.EnsureCollection(
            new CollectionDefinition(change.Collection, []), CancellationToken.None);

        await node.Store.Commit(
            new CommitRequest { Documents = [change] }, isBackground: false, CancellationToken.None);
        var stored = await node.Store.Storage.Documents.Get(change.Collection, change.Key, CancellationToken.None);
        var totals = GroupBody.TotalsOf(stored!.Body);

        Assert.Equal(2, totals.Count);
        Assert.Equal(sums.SelectMany(BitsOf), totals.Sums.SelectMany(BitsOf));

        static int[] BitsOf(decimal sum) => decimal.GetBits(sum);
    }

    [Theory]
    [StoreKinds]
    public async Task The_next_node_continues_with_the_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        string? collection;
        await using (var first = await ImmediateNode.Start(shared))
        {
            await first.RequireRightRows(await first.Append("ada", new Loaded("ada", 4)));
            collection = (await first.State()).Live?.Collection;
        }

        await using var second = await ImmediateNode.Start(shared);
        await second.RequireRightRows(await second.Append("ada", new Loaded("ada", 4)));

        Assert.NotNull(collection);
        Assert.Equal(collection, (await second.State()).Live?.Collection);
    }

    [Theory]
    [StoreKinds]
    public async Task A_refresh_builds_the_rows_again_beside_those_that_are_read(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        var token = await node.Append("ada", new Loaded("ada", 4));
        await node.RequireRightRows(token);
        var former = (await node.State()).Live?.Collection;

        var refreshed = await node.Ships.Refresh(token);
        var all = await node.Views.Refresh("fleet-totals", TestNode.WaitTimeout);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));

        Assert.True(refreshed.IsFresh);
        Assert.NotEqual(former, (await node.State()).Live?.Collection);
        Assert.Equal(1, Assert.Single(all).Rows);
    }

    [Theory]
    [StoreKinds]
    public async Task A_rebuild_of_the_read_model_has_its_own_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));

        var build = await node.Projections.RebuildBeside("cargo");
        await node.RequireRightRows(await node.Append("bob", new Loaded("bob", 9)));
        var rebuilt = await node.State(build);

        Assert.NotNull(rebuilt.Live);
        Assert.NotEqual((await node.State()).Live?.Collection, rebuilt.Live.Collection);
    }

    [Theory]
    [StoreKinds]
    public async Task A_new_version_of_a_view_is_built_separately(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var former = await ImmediateNode.Start(shared))
        {
            token = await former.Append("ada", new Loaded("ada", 4));
            await former.RequireRightRows(token);
        }
        await using var newer = await ImmediateNode.Start(shared, version: 2);
        await using var older = await ImmediateNode.Start(shared, runsConsumers: false);

        var second = await newer.Ships.Get("ada", token);
        var next = await newer.Append("ada", new Loaded("ada", 1));
        var updated = await newer.Ships.Get("ada", next);
        var old = await older.Ships.Get("ada", new ReadAfter(next, TimeSpan.Zero));

        Assert.Equal((8, 10), (second.Value?.Crates, updated.Value?.Crates));
        Assert.Equal((4, false), (old.Value?.Crates, old.Freshness.IsFresh));
        Assert.Equal(token, old.Reflects);
        Assert.NotNull(old.State.Problem);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Each_tenant_has_its_own_rows(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(
            testStore,
            configure: millrace => millrace.AddView(new FleetTotals(), ImmediateJson.Default.FleetTotal));
        var first = await app.Append("acme", "ada", new Loaded("ada", 4));
        var second = await app.Append("zoo", "ada", new Loaded("ada", 7));
        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");

        var rows = (
            await acme.Services.GetRequiredService<IMaterializedView<string, FleetTotal>>().Get("a", first),
            await zoo.Services.GetRequiredService<IMaterializedView<string, FleetTotal>>().Get("a", second));

        Assert.Equal((4, 7), (rows.Item1.Value?.Crates, rows.Item2.Value?.Crates));
    }

    private static string ShipOf(int number) =>
        $"{((string[])["a", "b", "\U0001F6A2", "\uFF21"])[number % 4]}{number:0000}";

    /// <summary>Returns changes on both sides of the end of a page, with a new and a removed document.</summary>
    private static IEnumerable<object> ChangesOf(string[] ships, int page)
    {
        yield return new Unloaded(ships[page * 7 % ships.Length], 1);
        yield return new Loaded(ships[((page * 10) + 59) % ships.Length], 2);
        yield return new Unloaded(ships[page * 10 % ships.Length], 5);
        yield return new Loaded(ShipOf(100 + page), 1);
        yield return new Scrapped(ships[page * 13 % ships.Length]);
    }

    [Fact]
    public async Task A_view_of_a_projection_with_partitions_is_refused_at_the_start()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);

        var refused = await Assert.ThrowsAsync<ViewDeclarationException>(
            () => ImmediateNode.Start(shared, configure: static options => options.Partitions["cargo"] = 4));

        Assert.Contains("'cargo' is divided into 4 partitions", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_of_an_inline_projection_or_of_none_is_refused_at_the_start()
    {
        var inline = await Assert.ThrowsAsync<ViewDeclarationException>(() => Start(
            model => model.Projection(Harbour.Cargo(ProjectionLifecycle.Inline))));
        var missing = await Assert.ThrowsAsync<ViewDeclarationException>(
            () => Start(model => model.Projection(Harbour.Docks())));

        Assert.Contains("'cargo' is inline", inline.Message, StringComparison.Ordinal);
        Assert.Contains("no projection of Cargo", missing.Message, StringComparison.Ordinal);

        static async Task Start(Action<ModelBuilder> add)
        {
            var builder = Host.CreateEmptyApplicationBuilder(null);
            builder.Services.AddMillrace(millrace => millrace
                .UseInMemory()
                .AddModel(model => add(Harbour.Register(model)))
                .AddView(new FleetTotals(), ImmediateJson.Default.FleetTotal));
            using var host = builder.Build();
            await host.StartAsync();
        }
    }

    [Fact]
    public void Two_views_of_one_name_are_refused()
    {
        var views = new ViewDeclarations();
        views.Add(new FleetTotals(), ImmediateJson.Default.FleetTotal);

        Assert.Throws<ViewDeclarationException>(
            () => views.Add(new FleetView(ViewRefresh.Manual, name: "fleet-totals"), FleetJson.Default.Fleet));
    }
}
