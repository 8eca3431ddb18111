using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Tests;

/// <summary>
/// Tests consumers, projections and explanations of an application whose streams are in several shards.
/// </summary>
public sealed class ShardedOperatorTests
{
    [Fact]
    public async Task Consumers_are_not_changed_in_a_part_of_the_shards()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        var ships = await app.ShipsOf("eu-1", "eu-2");
        var consumers = app.Services.GetRequiredService<Consumers>();
        var lost = await app.Append(ships["eu-2"], new Loaded(ships["eu-2"], 1));

        stores.MemoryOf("eu-2").Disconnect();
        await app.WaitUntil("eu-2", ShardState.Unavailable);
        Func<Task>[] refused =
        [
            async () => await consumers.Get("cargo@1"),
            async () => await consumers.Pause("cargo@1"),
            async () => await consumers.Reset("cargo@1"),
            async () => await consumers.WaitFor("cargo@1", lost),
        ];
        foreach (var call in refused)
            Assert.Equal("eu-2", (await Assert.ThrowsAsync<ShardUnavailableException>(call)).Shard.Value);

        var one = app.Shards.ConsumersOf(new ShardId("eu-1"));
        Assert.False((await one.Get("cargo@1")).IsPaused);
        Assert.Equal(["eu-1"], (await consumers.List()).Select(status => status.Shard).Distinct());
        stores.MemoryOf("eu-2").Reconnect();
        await app.WaitUntil("eu-2", ShardState.Open);
        await consumers.Pause("cargo@1");
        Assert.All((await consumers.List()).Where(status => status.Name == "cargo@1"), status =>
            Assert.True(status.IsPaused));
    }

    [Fact]
    public async Task A_tool_and_a_store_over_its_shards_are_both_closed()
    {
        using var stores = new ShardTestStores { Kind = ShardStorageKind.Files };
        string[] names = ["eu-1", "eu-2"];
        await using (await ShardedHarbour.Start(stores, names))
        {
        }
        await using var home = await stores.Open(names[0]);
        await using var other = await stores.Open(names[1]);

        await using var tool = await ShardTool.Open(
            [(new ShardId(names[0]), home), (new ShardId(names[1]), other)]);
        await using var all = await EventStore.Open(tool.Storage, EventTypeMap.Empty);

        Assert.Equal(names, (await tool.Shards.List()).Select(status => status.Shard.Value));
    }

    [Fact]
    public async Task A_rebuild_clears_and_refills_the_documents_of_all_shards()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await Inspect(app, await app.ShipsOf("eu-1", "eu-2"));
        var projections = app.Services.GetRequiredService<Projections>();
        var reported = new List<RebuildProgress>();

        await projections.Rebuild("dock-totals@1", new SynchronousProgress(reported.Add));

        var checkpoints = (await projections.List()).Where(one => one.Collection == "dock-totals@1").ToList();
        Assert.Equal(["eu-1", "eu-2"], checkpoints.Select(one => one.Shard));
        Assert.Equal(checkpoints.Sum(one => one.Consumer.Checkpoint), reported[^1].Done);
        Assert.Equal(4, (await app.Docks.Get("north", await app.Store.GetToken())).Value!.Inspections);
        var check = await projections.Check("dock-totals@1", TestNode.WaitTimeout);
        Assert.True(check.IsSound);
        Assert.Equal(2, check.Compared); // One part in each shard.
        await Assert.ThrowsAsync<ProjectionNotFoundException>(() => projections.Rebuild("unknown@1"));
    }

    [Fact]
    public async Task A_rebuild_beside_switches_in_all_shards()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await Inspect(app, await app.ShipsOf("eu-1", "eu-2"));
        var projections = app.Services.GetRequiredService<Projections>();

        var built = await projections.RebuildBeside("dock-totals", BuildSwitch.Manual);
        var compared = await projections.Compare("dock-totals");
        await projections.Switch("dock-totals", TestNode.WaitTimeout);
        var records = (await projections.Catalog()).Where(record => record.Name == "dock-totals").ToList();
        await projections.DropKept("dock-totals");

        Assert.Equal((2, true), (compared.Same, compared.IsSame));
        Assert.Equal([("eu-1", built), ("eu-2", built)], records.Select(record => (record.Shard!, record.Live)));
        Assert.All(records, record => Assert.Equal("dock-totals@1", record.Kept));
        Assert.All((await projections.Catalog()), record => Assert.Null(record.Kept));
        Assert.Equal(4, (await app.Docks.Get("north", await app.Store.GetToken())).Value!.Inspections);
    }

    [Fact]
    public async Task A_collection_with_another_name_in_a_shard_is_changed_with_the_others()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await Inspect(app, await app.ShipsOf("eu-1", "eu-2"));
        var projections = app.Services.GetRequiredService<Projections>();
        var consumers = app.Services.GetRequiredService<Consumers>();
        var built = await app.Shards.ProjectionsOf(new ShardId("eu-1")).RebuildBeside("dock-totals");

        Func<Task>[] refused =
        [
            () => projections.Rebuild("dock-totals@1"), // In use in one shard, and kept in the other one.
            async () => await consumers.Pause("dock-totals@1"),
        ];
        foreach (var call in refused)
            await Assert.ThrowsAsync<NotAcrossShardsException>(call);
        Assert.All(await consumers.List(), status => Assert.False(status.IsPaused));
        await consumers.Pause(built);
        var paused = (await consumers.List()).Where(status => status.IsPaused).ToList();
        await consumers.Resume(built);
        var reported = new List<RebuildProgress>();
        await projections.Rebuild(built, new SynchronousProgress(reported.Add));
        Assert.True(await consumers.WaitFor(built, await app.Store.GetToken()));
        var check = await projections.Check(built, TestNode.WaitTimeout);

        Assert.Equal([("eu-2", "dock-totals@1"), ("eu-1", built)], paused.Select(one => (one.Shard!, one.Name)));
        Assert.Equal((true, 2), (check.IsSound, check.Compared));
        Assert.Equal(paused.Sum(one => one.Checkpoint), reported[^1].Total);
        Assert.Equal(4, (await app.Docks.Get("north", await app.Store.GetToken())).Value!.Inspections);
    }

    [Fact]
    public async Task A_switch_back_in_a_part_of_the_shards_is_not_reversed()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await Inspect(app, await app.ShipsOf("eu-1", "eu-2"));
        var projections = app.Services.GetRequiredService<Projections>();
        var built = await projections.RebuildBeside("dock-totals");
        await app.Shards.ProjectionsOf(new ShardId("eu-1")).SwitchBack("dock-totals", TestNode.WaitTimeout);

        await Assert.ThrowsAsync<NotAcrossShardsException>(
            () => projections.SwitchBack("dock-totals", TestNode.WaitTimeout));
        var before = await LiveCollections();
        await app.Shards.ProjectionsOf(new ShardId("eu-2")).SwitchBack("dock-totals", TestNode.WaitTimeout);
        var back = await LiveCollections();
        await projections.SwitchBack("dock-totals", TestNode.WaitTimeout);

        Assert.Equal(["dock-totals@1", built], before);
        Assert.Equal(["dock-totals@1", "dock-totals@1"], back);
        Assert.Equal([built, built], await LiveCollections());

        async Task<IEnumerable<string>> LiveCollections() =>
            from record in await projections.Catalog()
            where record.Name == "dock-totals"
            orderby record.Shard
            select record.Live;
    }

    [Fact]
    public async Task A_rebuild_changes_nothing_while_a_shard_is_not_available()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        await Inspect(app, await app.ShipsOf("eu-1", "eu-2"));
        var projections = app.Services.GetRequiredService<Projections>();

        stores.MemoryOf("eu-2").Disconnect();
        await app.WaitUntil("eu-2", ShardState.Unavailable);
        Func<Task>[] refused =
        [
            () => projections.StartRebuild("dock-totals@1"),
            async () => await projections.StartRebuildBeside("dock-totals"),
            () => projections.Switch("dock-totals", TimeSpan.Zero),
        ];
        foreach (var call in refused)
            Assert.Equal("eu-2", (await Assert.ThrowsAsync<ShardUnavailableException>(call)).Shard.Value);

        var left = Assert.Single(await projections.List(), one => one.Collection == "dock-totals@1");
        Assert.Equal(("eu-1", 1), (left.Shard, left.Documents));
        Assert.All(await projections.Catalog(), record => Assert.Null(record.Building));
    }

    [Fact]
    public async Task A_combined_value_is_explained_by_the_parts_of_the_shards()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2", "eu-3");
        var ships = await app.ShipsOf("eu-1", "eu-2", "eu-3");
        await app.Append(ships["eu-1"], new Inspected(ships["eu-1"], ["north"]));
        await app.Append(ships["eu-3"], new Inspected(ships["eu-3"], ["north"]));
        var last = await app.Append(ships["eu-3"], new Inspected(ships["eu-3"], ["north"]));
        await app.Docks.Get("north", last);
        var explanations = app.Services.GetRequiredService<Explanations>();

        var found = await explanations.Explain("dock-totals/north.inspections");
        var other = Assert.Single(found.OtherParts);
        var named = await explanations.ExplainDocument(
            "dock-totals", "north", "inspections", new ExplanationOptions { Shard = "eu-1" });
        var none = await explanations.Explain("dock-totals/nowhere");

        Assert.Equal([("eu-1", "1"), ("eu-3", "2")], new[] { found, other }
            .Select(part => (part.Shard!, part.Value!)).Order());
        Assert.Equal(("eu-1", "1", 0), (named.Shard, named.Value, named.OtherParts.Count));
        Assert.False(none.Exists);
        await Assert.ThrowsAsync<NotAcrossShardsException>(() =>
            explanations.Explain("dock-totals/north", new ExplanationOptions { Until = 1 }));
        await Assert.ThrowsAsync<NothingToExplainException>(() => explanations.Explain("unknown/north"));
    }

    [Fact]
    public async Task A_stream_is_found_and_shown_in_its_shard()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        var ships = await app.ShipsOf("eu-1", "eu-2");
        var explanations = app.Services.GetRequiredService<Explanations>();

        foreach (var (shard, ship) in ships)
        {
            var stream = Harbour.StreamOf(ship);
            await app.Cargo.Get(ship, await app.Store.GetToken());
            var view = await explanations.Show((await explanations.FindStream(stream))!.Value);
            var cargo = await explanations.Explain($"cargo/{ship}.crates");

            Assert.Equal((shard, 1), (view.Shard, view.Version));
            Assert.Contains(view.Documents, document => document.ReadModel == "cargo" && document.Key == ship);
            Assert.Equal((shard, "1", 0), (cargo.Shard, cargo.Value, cargo.OtherParts.Count));
        }
        Assert.Null(await explanations.FindStream(new StreamId("ship-nowhere")));
        await Assert.ThrowsAsync<NotAcrossShardsException>(
            async () => await explanations.PositionAt(DateTimeOffset.UtcNow));
    }

    /// <summary>Records two inspections of the dock 'north' in each shard, and waits until they are handled.</summary>
    private static async Task Inspect(ShardedHarbour app, Dictionary<string, string> ships)
    {
        foreach (var ship in ships.Values)
        {
            for (var i = 0; i < 2; i++)
                await app.Append(ship, new Inspected(ship, ["north"]));
        }
        Assert.True((await app.Docks.Get("north", await app.Store.GetToken())).IsFresh);
    }

    private sealed class SynchronousProgress(Action<RebuildProgress> report) : IProgress<RebuildProgress>
    {
        public void Report(RebuildProgress value) => report(value);
    }
}
