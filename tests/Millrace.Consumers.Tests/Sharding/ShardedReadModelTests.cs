using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests that read models over several shards give the same answers as over one store that contains the same events.
/// </summary>
public sealed class ShardedReadModelTests
{
    private static readonly string[] Docks = ["north", "south", "east", "west", "old", "new"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Answers_are_those_of_a_single_store(int seed)
    {
        using var stores = new ShardTestStores();
        await using var one = await ShardedHarbour.StartOnOneStore();
        await using var several = await ShardedHarbour.Start(stores, "eu-1", "eu-2", "eu-3");
        var random = new Random(seed);
        var ships = Enumerable.Range(0, 40).Select(number => $"ship{number}").ToArray();
        for (var i = 0; i < 250; i++)
        {
            var ship = ships[random.Next(ships.Length)];
            var happened = EventOf(ship, random);
            await one.Append(ship, happened);
            await several.Append(ship, happened);
        }
        var single = await one.Store.GetToken();
        var all = await several.Store.GetToken();

        foreach (var ship in ships)
        {
            Assert.Equal((await one.Cargo.Get(ship, single)).Value, (await several.Cargo.Get(ship, all)).Value);
            Assert.Equal((await one.Berths.Get(ship, single)).Value, (await several.Berths.Get(ship, all)).Value);
        }
        foreach (var dock in Docks)
            Assert.Equal((await one.Docks.Get(dock, single)).Value, (await several.Docks.Get(dock, all)).Value);
        Assert.Equal(
            (await one.Cargo.GetMany(ships, single)).Value!.OrderBy(pair => pair.Key),
            (await several.Cargo.GetMany(ships, all)).Value!.OrderBy(pair => pair.Key));
        await AssertSameQueries(one.Cargo, several.Cargo, single, all, random, "crates", 10);
        await AssertSameQueries(one.Docks, several.Docks, single, all, random, "inspections", 12);
        await AssertSameQueries(one.Berths, several.Berths, single, all, random, "dock", "north");
    }

    [Fact]
    public async Task A_read_with_a_token_waits_for_the_shard_of_the_token()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2", "eu-3");

        var combined = default(ConsistencyToken);
        for (var i = 0; i < 20; i++)
        {
            var token = await app.Append($"ship{i}", new Loaded($"ship{i}", i));
            var read = await app.Cargo.Get($"ship{i}", ConsistencyToken.Parse(token.ToString()));
            Assert.Equal(Freshness.Fresh, read.Freshness);
            Assert.Equal(i, read.Value!.Crates);
            combined = combined.With(token);
        }

        var page = await app.Cargo.Query(new ReadQuery { Limit = 100 }, combined);
        Assert.True(page.IsFresh);
        Assert.Equal(20, page.Items.Count);
    }

    [Fact]
    public async Task A_token_from_before_the_shards_refers_to_the_home_shard()
    {
        using var stores = new ShardTestStores();
        ConsistencyToken before;
        await using (var single = await ShardedHarbour.Start(millrace => stores.Use(millrace, "eu-1")))
            before = await single.Append("ada", new Loaded("ada", 7));

        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");

        var read = await app.Cargo.Get("ada", ConsistencyToken.Parse(before.ToString()));
        Assert.Equal(Freshness.Fresh, read.Freshness);
        Assert.Equal(7, read.Value!.Crates);
    }

    [Fact]
    public async Task A_read_model_that_cannot_be_combined_is_refused_at_the_start()
    {
        using var stores = new ShardTestStores();

        var refused = await Assert.ThrowsAsync<ReadModelShardException>(() => ShardedHarbour.Start(
            millrace => millrace.UseShards(shards => shards
                .Add("eu-1", store => stores.Use(store, "eu-1"))
                .Add("eu-2", store => stores.Use(store, "eu-2"))
                .PlaceByStream()),
            model => model.Projection(Harbour.Docks())));

        Assert.Equal("docks", refused.ReadModel);
        Assert.Contains("ICombinable<DockLog>", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_shards_can_be_used_while_one_is_not_available()
    {
        using var stores = new ShardTestStores();
        await using var app = await ShardedHarbour.Start(stores, "eu-1", "eu-2");
        var ships = await app.ShipsOf("eu-1", "eu-2");

        stores.MemoryOf("eu-2").Disconnect();

        await Eventually.Get(
            async () => (await app.Shards.List()).Single(shard => shard.Shard.Value == "eu-2").State,
            state => state == ShardState.Unavailable);
        var token = await app.Append(ships["eu-1"], new Loaded(ships["eu-1"], 2));
        Assert.True((await app.Berths.Get(ships["eu-1"], token)).IsFresh);
        var refused = await Assert.ThrowsAsync<ShardUnavailableException>(() =>
            app.Append(ships["eu-2"], new Loaded(ships["eu-2"], 2)));
        Assert.Equal("eu-2", refused.Shard.Value);
        await Assert.ThrowsAsync<ShardUnavailableException>(async () =>
            await app.Cargo.Query(new ReadQuery(), default, default));
        stores.MemoryOf("eu-2").Reconnect();
        await Eventually.Get(
            async () => (await app.Shards.List()).Single(shard => shard.Shard.Value == "eu-2").State,
            state => state == ShardState.Open);
        token = await app.Append(ships["eu-2"], new Loaded(ships["eu-2"], 2));
        Assert.Equal(3, (await app.Cargo.Get(ships["eu-2"], token)).Value!.Crates);
    }

    /// <summary>Compares all pages, pages by number and counts, for both orders and with a condition.</summary>
    private static async Task AssertSameQueries<TDocument>(
        IReadModel<string, TDocument> one,
        IReadModel<string, TDocument> several,
        ConsistencyToken single,
        ConsistencyToken all,
        Random random,
        string field,
        FieldValue bound)
        where TDocument : class
    {
        IReadOnlyList<FieldCondition>[] filters = [[], [new FieldCondition(field, Comparison.GreaterOrEqual, bound)]];
        foreach (var conditions in filters)
        {
            (string? OrderBy, bool IsDescending)[] orders =
                [(null, false), (null, true), (field, false), (field, true)];
            foreach (var (orderBy, isDescending) in orders)
            {
                var query = new ReadQuery
                {
                    Conditions = conditions,
                    OrderBy = orderBy,
                    IsDescending = isDescending,
                    Limit = random.Next(1, 9),
                };
                Assert.Equal(await ReadAll(one, query, single), await ReadAll(several, query, all));
                var skipped = query with { Skip = random.Next(0, 12) };
                Assert.Equal(
                    (await one.Query(skipped, single)).Items, (await several.Query(skipped, all)).Items);
            }
            Assert.Equal((await one.Count(conditions, single)).Value, (await several.Count(conditions, all)).Value);
        }
    }

    private static async Task<List<TDocument>> ReadAll<TDocument>(
        IReadModel<string, TDocument> model, ReadQuery query, ConsistencyToken token)
        where TDocument : class
    {
        var items = new List<TDocument>();
        do
        {
            var page = await model.Query(query, token);
            Assert.True(page.IsFresh);
            Assert.True(page.Items.Count <= query.Limit);
            items.AddRange(page.Items);
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return items;
    }

    private static object EventOf(string ship, Random random) => random.Next(10) switch
    {
        < 5 => new Loaded(ship, random.Next(1, 12)),
        < 6 => new Unloaded(ship, 1),
        < 7 => new Scrapped(ship),
        < 8 => new Berthed(ship, Docks[random.Next(Docks.Length)], null),
        _ => new Inspected(ship, [Docks[random.Next(Docks.Length)]]),
    };
}
