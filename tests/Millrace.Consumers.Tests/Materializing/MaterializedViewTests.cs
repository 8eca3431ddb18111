using Millrace.Materializing;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests.Materializing;

/// <summary>Tests views with a query in code on every storage.</summary>
public sealed class MaterializedViewTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [StoreKinds]
    public async Task Rows_are_read_by_key_and_by_their_indexed_members(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual));
        await app.Load("ada", 4);
        await app.Load("anna", 3);
        await app.Load("bob", 9);
        var token = await app.Load("cyd", 1);

        var refreshed = await app.Fleets.Refresh(token);
        var one = await app.Fleets.Get("a");
        var none = await app.Fleets.Get("z");
        var page = await app.Fleets.Query(new ReadQuery { OrderBy = "crates", IsDescending = true, Limit = 2 });
        var next = await app.Fleets.Query(
            new ReadQuery { OrderBy = "crates", IsDescending = true, Limit = 2, Cursor = page.Next });
        var count = await app.Fleets.Count([new FieldCondition("ships", Comparison.Greater, 1)]);

        Assert.True(refreshed.IsFresh);
        Assert.Equal((new Fleet("a", 2, 7), token), (one.Value, one.Reflects));
        Assert.True(one.Age >= TimeSpan.Zero && one.Age < TestNode.WaitTimeout);
        Assert.Null(none.Value);
        Assert.Equal(["b", "a"], page.Items.Select(row => row.Initial));
        Assert.Equal(["c"], next.Items.Select(row => row.Initial));
        Assert.Equal((1, null), (count.Value, next.Next));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await app.Fleets.Query(new ReadQuery { OrderBy = "initial" }));
    }

    [Theory]
    [StoreKinds]
    public async Task Reads_find_the_former_rows_until_a_refresh_has_ended(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.Manual);
        await using var app = await ViewApp.Start(shared, view);
        var first = await app.Load("ada", 4);
        await app.Fleets.Refresh(first);
        var (entered, released) = Block(view);
        var second = await app.Load("bob", 9);

        var refresh = app.Fleets.Refresh(second);
        await entered.Task;
        var meanwhile = await app.Fleets.Get("b", second);
        var building = await app.State();
        released.SetResult();
        await refresh;
        var after = await app.Fleets.Get("b", second);
        var state = await app.State();

        Assert.Equal((null, first, 1), (meanwhile.Value, meanwhile.Reflects, meanwhile.Freshness.LagEvents));
        Assert.Equal((new Fleet("b", 1, 9), true), (after.Value, after.Freshness.IsFresh));
        Assert.Equal(building.Building, state.Live);
        Assert.Equal([], ((string[])[building.Live!, state.Live!]).Except(await app.Collections()));
    }

    [Theory]
    [StoreKinds]
    public async Task Concurrent_reads_of_old_rows_share_one_refresh(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.OnRead(Hour) with { MaxWait = TestNode.WaitTimeout });
        await using var app = await ViewApp.Start(shared, view);
        await app.Fleets.Count([]);
        var computed = view.Computations;
        var token = await app.Load("ada", 4);

        var reads = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(_ => app.Fleets.Get("a", token).AsTask()));

        Assert.All(reads, read => Assert.Equal((new Fleet("a", 1, 4), null), (read.Value, read.State.Problem)));
        Assert.Equal(computed + 1, view.Computations);
    }

    [Theory]
    [StoreKinds]
    public async Task A_failed_refresh_leaves_the_former_rows_and_is_not_repeated_by_each_read(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.OnRead(Hour) with { MaxWait = TestNode.WaitTimeout });
        await using var app = await ViewApp.Start(shared, view, runsConsumers: false);
        await app.Fleets.Count([]);
        view.Before = _ => throw new InvalidOperationException("The crane is broken.");
        var token = await app.Load("ada", 4);

        var first = await app.Fleets.Count([], token);
        var computed = view.Computations;
        var second = await app.Fleets.Count([], token);
        var status = Assert.Single(await app.Views.List());

        Assert.Equal((0, false), (first.Value, first.Freshness.IsFresh));
        Assert.StartsWith("The last refresh failed.", first.State.Problem, StringComparison.Ordinal);
        Assert.Equal(first.State.Problem, second.State.Problem);
        Assert.Equal(computed, view.Computations);
        Assert.Equal((1, "The crane is broken."), (status.Failures, status.Error));
    }

    [Fact]
    public async Task A_read_waits_for_a_slow_refresh_up_to_its_limit()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        var view = new FleetView(ViewRefresh.OnRead(Hour) with { MaxWait = TimeSpan.FromMilliseconds(50) });
        await using var app = await ViewApp.Start(shared, view);
        await app.Fleets.Count([]);
        var (_, released) = Block(view);
        var token = await app.Load("ada", 4);

        var slow = await app.Fleets.Count([], token);
        released.SetResult();
        var later = await Eventually.Get(
            async () => await app.Fleets.Count([], token), read => read.Freshness.IsFresh, TestNode.WaitTimeout);

        Assert.Equal((0, "The refresh takes longer than 00:00:00.0500000."), (slow.Value, slow.State.Problem));
        Assert.Equal(1, later.Value);
    }

    [Theory]
    [StoreKinds]
    public async Task A_schedule_refreshes_a_view_that_has_new_events(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.Scheduled(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)));
        await using var app = await ViewApp.Start(shared, view);
        await app.Load("ada", 4);

        var row = await Eventually.Get(
            async () => await app.Fleets.Get("a"), read => read.Value is not null, TestNode.WaitTimeout);
        var status = await Eventually.Get(
            async () => Assert.Single(await app.Views.List()), status => status.Reads > 0, TestNode.WaitTimeout);

        Assert.Equal(new Fleet("a", 1, 4), row.Value);
        Assert.Equal(("fleets", "scheduled 0.1 s to 1 s", 1), (status.Name, status.Policy, status.Rows));
        Assert.True(status.ReadsPerMinute > 0);
    }

    [Theory]
    [StoreKinds]
    public async Task Events_and_changes_of_the_state_wake_a_node_that_checks_rarely(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.Scheduled(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)));
        await using var app = await ViewApp.Start(shared, view, checkInterval: Hour);
        await app.Fleets.Count([]);
        await app.Load("ada", 4);

        var afterEvent = await Eventually.Get(
            async () => await app.Fleets.Get("a"), read => read.Value is not null, TestNode.WaitTimeout);
        await app.Views.Drop("fleets");
        var afterDrop = await Eventually.Get(
            async () => await app.Views.List(), all => all.Any(one => one.Rows > 0), TestNode.WaitTimeout);

        Assert.Equal(new Fleet("a", 1, 4), afterEvent.Value);
        Assert.Equal(["fleets"], afterDrop.Select(status => status.Name));
    }

    [Theory]
    [StoreKinds]
    public async Task Of_several_nodes_one_refreshes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var views = new[] { NewOnRead(), NewOnRead() };
        await using var first = await ViewApp.Start(shared, views[0]);
        await using var second = await ViewApp.Start(shared, views[1]);
        await first.Fleets.Count([]);
        await second.Fleets.Count([]);
        var computed = views.Sum(view => view.Computations);
        var token = await first.Load("ada", 4);

        var reads = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? first : second).Fleets.Get("a", token).AsTask()));

        Assert.All(reads, read => Assert.Equal(new Fleet("a", 1, 4), read.Value));
        Assert.Equal(computed + 1, views.Sum(view => view.Computations));

        static FleetView NewOnRead() => new(ViewRefresh.OnRead(Hour) with { MaxWait = TestNode.WaitTimeout });
    }

    [Theory]
    [StoreKinds]
    public async Task A_refresh_removes_what_an_interrupted_one_left_behind(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var view = new FleetView(ViewRefresh.Manual);
        await using var app = await ViewApp.Start(shared, view);
        await app.Fleets.Refresh(await app.Load("ada", 4));
        var states = new ViewStore(app.Store);
        await app.Store.Storage.Documents.EnsureCollection(
            new CollectionDefinition("mv-fleets@1.77", []), CancellationToken.None);
        await states.Change(
            (await app.State()).Key,
            state => state! with { Building = "mv-fleets@1.77", Builds = 77 },
            CancellationToken.None);

        var interrupted = await app.Fleets.Get("a");
        await app.Fleets.Refresh(await app.Load("ada", 1));
        var refreshed = await app.Fleets.Get("a");
        var state = await app.State();

        Assert.Equal((4, 5), (interrupted.Value?.Crates, refreshed.Value?.Crates));
        Assert.Equal(("mv-fleets@1.78", null), (state.Live, state.Building));
        Assert.DoesNotContain("mv-fleets@1.77", await app.Collections());
    }

    [Theory]
    [StoreKinds]
    public async Task Former_collections_are_removed_after_their_time(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual));
        await app.Fleets.Refresh(await app.Load("ada", 4));
        await app.Fleets.Refresh(await app.Load("ada", 4));
        var state = await app.State();

        await app.Host.Services.Cleaner.RemoveReplaced(
            state, state.Replaced[^1].Until, CancellationToken.None);

        Assert.NotEmpty(state.Replaced);
        Assert.Empty((await app.State()).Replaced);
        Assert.Equal([state.Live!], await app.Collections());
    }

    [Theory]
    [StoreKinds]
    public async Task A_changed_declaration_is_computed_again_and_a_new_version_separately(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual)))
            await app.Fleets.Refresh(await app.Load("ada", 4));

        await using var changed = await ViewApp.Start(shared, new LoggedFleetView(ViewRefresh.Manual));
        var all = await Eventually.Get(
            async () => await changed.Fleets.Get("all"), read => read.Value is not null, TestNode.WaitTimeout);
        await using var newer = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual, version: 2));
        var second = await newer.Fleets.Get("a");

        Assert.Equal(new Fleet("all", 0, 4), all.Value);
        Assert.Equal(new Fleet("a", 1, 4), second.Value);
        Assert.Equal([1, 1, 2], (await newer.Views.List()).Select(status => status.Version));
        Assert.NotNull((await changed.Fleets.Get("all")).Value);
    }

    [Theory]
    [StoreKinds]
    public async Task Tools_list_refresh_and_drop_views_that_a_node_declares(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await ViewApp.Start(shared, new FleetView(ViewRefresh.Manual));
        var token = await app.Load("ada", 4);
        await app.Fleets.Refresh(token);
        var next = await app.Load("ada", 4);
        var tool = MaterializedViews.Of(app.Store);

        var before = Assert.Single(await tool.List());
        var after = await Eventually.Get(
            async () => Assert.Single(await tool.Refresh("fleets", TestNode.WaitTimeout)),
            status => status.Position >= next.Position,
            TestNode.WaitTimeout);
        var unknown = await Assert.ThrowsAsync<ViewNotFoundException>(() => tool.Refresh("fleet", Hour));
        await app.DisposeAsync();
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        await MaterializedViews.Of(store).Drop("fleets");

        Assert.Equal((token.Position, null), (before.Position, before.Error));
        Assert.True(after.RefreshedAt > before.RefreshedAt);
        Assert.Contains("known: fleets", unknown.Message, StringComparison.Ordinal);
        Assert.Empty(await MaterializedViews.Of(store).List());
    }

    private static (TaskCompletionSource Entered, TaskCompletionSource Released) Block(FleetView view)
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        view.Before = cancellationToken =>
        {
            entered.TrySetResult();
            return released.Task.WaitAsync(cancellationToken);
        };
        return (entered, released);
    }
}
