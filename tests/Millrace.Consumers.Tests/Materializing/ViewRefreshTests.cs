using Millrace.Materializing;
using Millrace.Storage;

namespace Millrace.Tests.Materializing;

/// <summary>Tests refreshes beside other nodes, and what their rows reflect.</summary>
public sealed class ViewRefreshTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task Rows_of_a_read_model_that_lags_do_not_reflect_a_token_of_another_epoch(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        var token = await app.Load("ada", 4);
        var other = new ConsistencyToken(token.LogEpoch + 1, token.Position);

        await app.Fleets.Refresh(new ReadAfter(other, TimeSpan.Zero));
        var row = await app.Fleets.Get("a");

        Assert.Equal((null, 0, false), (row.Value, row.Reflects.Position, row.Freshness.IsFresh));
    }

    [Fact]
    public async Task Tokens_that_no_refresh_can_reach_start_none()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var view = new FleetView(ViewRefresh.OnRead(Hour));
        await using var app = await ViewApp.Start(shared, view);
        var token = await app.Load("ada", 4);
        await app.Fleets.Refresh(token);
        var computed = view.Computations;

        var beyond = await app.Fleets.Get("a", new ConsistencyToken(token.LogEpoch, token.Position + 1_000));
        var other = await app.Fleets.Get("a", new ConsistencyToken(token.LogEpoch + 1, token.Position));

        Assert.Equal((1_000, true), (beyond.Freshness.LagEvents, other.Freshness.IsOtherEpoch));
        Assert.Equal(computed, view.Computations);
    }

    [Fact]
    public async Task A_read_whose_token_is_not_reached_computes_the_rows_once_and_says_so()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var view = new FleetView(ViewRefresh.OnRead(Hour) with { MaxWait = TestNode.WaitTimeout });
        await using var app = await ViewApp.Start(shared, view, runsConsumers: false);
        await app.Fleets.Count([]);
        var token = await app.Load("ada", 4);
        var computed = view.Computations;

        var read = await app.Fleets.Count([], new ReadAfter(token, TimeSpan.FromSeconds(2)));

        Assert.Equal((0, false), (read.Value, read.Freshness.IsFresh));
        Assert.NotNull(read.State.Problem);
        Assert.Equal(computed + 1, view.Computations);
    }

    [Theory]
    [StoreKinds]
    public async Task Nodes_with_different_declarations_of_a_version_have_their_own_rows(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var changed = await ViewApp.Start(shared, new LoggedFleetView(ViewRefresh.Manual));
        await using var former = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual));
        var token = await former.Load("ada", 4);

        await changed.Fleets.Refresh(token);
        await former.Fleets.Refresh(token);
        var rows = (await changed.Fleets.Get("all"), await former.Fleets.Get("a"), await former.Fleets.Get("all"));
        var all = await former.Views.List();

        Assert.Equal(new Fleet("all", 0, 4), rows.Item1.Value);
        Assert.Equal((new Fleet("a", 1, 4), null), (rows.Item2.Value, rows.Item3.Value));
        Assert.Equal([false, true], all.Select(status => status.IsDeclared).Order());
    }

    [Theory]
    [StoreKinds]
    public async Task Rows_of_a_removed_view_do_not_return_and_are_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        var stray = (await Build(app)).Live!;
        // As if the removal was killed before it removed the collection.
        await new ViewStore(app.Store).Remove((await app.State()).Key, CancellationToken.None);

        var built = await Build(app);
        var before = await app.Collections();
        await app.Host.Services.Cleaner.RemoveUnlisted(["fleets"], CancellationToken.None);

        Assert.NotEqual(stray, built.Live);
        Assert.Contains(stray, before);
        Assert.Equal([built.Live!], await app.Collections());

        static async Task<ViewRecord> Build(ViewApp app)
        {
            await app.Fleets.Refresh();
            return await app.State();
        }
    }

    [Fact]
    public async Task A_dropped_view_leaves_neither_a_state_nor_collections()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        await app.Fleets.Refresh();
        await app.Fleets.Refresh();

        await app.Views.Drop("fleets");

        Assert.Empty(await app.Views.List());
        Assert.Empty(await app.Collections());
    }

    [Fact]
    public async Task A_view_without_a_state_is_refreshed_by_the_program_that_declares_it()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);

        var status = Assert.Single(await app.Views.Refresh("fleets", TestNode.WaitTimeout));

        Assert.NotNull(status.RefreshedAt);
    }

    [Theory]
    [StoreKinds]
    public async Task A_refresh_whose_collection_another_node_has_given_up_does_not_switch(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.Manual);
        await using var app = await ViewApp.Start(shared, view, runsConsumers: false);
        await app.Fleets.Refresh();
        var live = (await app.State()).Live;
        view.Before = async cancellationToken => await new ViewStore(app.Store).Change(
            (await app.State()).Key, state => state! with { Building = "mv-fleets@1.5" }, cancellationToken);

        await Assert.ThrowsAsync<ViewRefreshException>(() => app.Fleets.Refresh());

        Assert.Equal(live, (await app.State()).Live);
    }

    [Fact]
    public async Task A_query_that_ignores_its_token_ends_at_the_timeout()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var view = new FleetView(ViewRefresh.Manual with { Timeout = TimeSpan.FromSeconds(1) });
        await using var app = await ViewApp.Start(shared, view, runsConsumers: false);
        var endless = new TaskCompletionSource();
        view.Before = _ => endless.Task;

        var refused = await Assert.ThrowsAsync<ViewRefreshException>(() => app.Fleets.Refresh());
        view.Before = static _ => Task.CompletedTask;
        var next = await app.Fleets.Refresh();
        endless.SetResult();

        Assert.Contains("did not end within 00:00:01", refused.Message, StringComparison.Ordinal);
        Assert.True(next.RefreshedAt > default(DateTimeOffset));
    }

    [Theory]
    [StoreKinds]
    public async Task A_collection_that_is_removed_during_an_erasure_has_no_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        var scope = new Millrace.Erasing.ErasureScope(app.Store, "", "");

        var documents = await scope.ReadDocuments("mv-fleets@1.5", CancellationToken.None).ToArrayAsync();

        Assert.Empty(documents);
    }

    [Fact]
    public async Task A_query_handler_records_the_freshness_of_the_rows_and_no_position()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        await app.Fleets.Refresh();
        var context = new QueryContext(app.Services, await app.Load("ada", 4), TimeSpan.Zero);

        var row = await app.Fleets.Get("a", context, CancellationToken.None);
        var page = await app.Fleets.Query(new ReadQuery(), context, CancellationToken.None);
        var count = await app.Fleets.Count([], context, CancellationToken.None);

        Assert.Equal((null, 0, 0), (row, page.Items.Count, count));
        Assert.Equal((1, true), (context.Freshness.LagEvents, context.Reflects.IsNone));
    }

    [Fact]
    public async Task A_damaged_state_is_reported_and_can_be_dropped()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual), runsConsumers: false);
        await app.Fleets.Refresh();
        var damaged = new DocumentChange
        {
            Collection = ViewStore.Collection,
            Key = "old@1.abc",
            Body = "{"u8.ToArray(),
        };
        await app.Store.Storage.Log.Commit(
            [new CommitRequest { Documents = [damaged] }], DateTimeOffset.UtcNow, CancellationToken.None);

        var all = await app.Views.List();
        await app.Views.Drop("old");

        Assert.Equal([("fleets", false), ("old", true)], all.Select(status => (status.Name, status.Error is not null)));
        Assert.Equal(["fleets"], (await app.Views.List()).Select(status => status.Name));
    }

    [Fact]
    public async Task The_message_of_a_failure_is_stored_within_a_limit()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var view = new FleetView(ViewRefresh.Manual);
        await using var app = await ViewApp.Start(shared, view, runsConsumers: false);
        view.Before = _ => throw new InvalidOperationException(new string('x', 100_000));

        await Assert.ThrowsAsync<ViewRefreshException>(() => app.Fleets.Refresh());

        Assert.Equal(4_000, Assert.Single(await app.Views.List()).Error?.Length);
    }
}
