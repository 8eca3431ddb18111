using Millrace.Testing;

namespace Millrace.Model.Tests.Sharding;

/// <summary>Tests that shards are added while nodes with older maps run, and that no stream is in two shards.</summary>
public sealed class AddedShardTests
{
    private const string First = "eu-1";
    private const string Second = "eu-2";
    private const string Added = "eu-3";

    [Fact]
    public async Task An_added_shard_takes_new_streams_and_the_others_stay()
    {
        using var bank = new ShardedBank();
        Guid[] before;
        await using (var host = await bank.Start(First, Second))
            before = await OpenMany(host, 20);
        await using var node = await bank.Start(First, Second, Added);
        var places = await PlacesOf(node, before);

        await node.Shards().Add(new ShardId(Added));

        Assert.Equal(places, await PlacesOf(node, before));
        foreach (var account in before)
            await node.Commands.Send(new Deposit(account, 1));
        Assert.Equal(places, await PlacesOf(node, before));
        var after = await OpenMany(node, 40);
        Assert.Contains(Added, await PlacesOf(node, after));
    }

    [Fact]
    public async Task All_new_streams_are_in_the_newest_shard_if_they_are_placed_by_time()
    {
        using var bank = new ShardedBank { PlacesByTime = true };
        Guid[] before;
        await using (var host = await bank.Start(First))
            before = await OpenMany(host, 5);
        await using var node = await bank.Start(First, Second);

        await node.Shards().Add(new ShardId(Second));

        var after = await OpenMany(node, 5);
        foreach (var account in before)
            await node.Commands.Send(new Deposit(account, 1));
        Assert.All(await PlacesOf(node, before), place => Assert.Equal(First, place));
        Assert.All(await PlacesOf(node, after), place => Assert.Equal(Second, place));
    }

    [Fact]
    public async Task A_node_with_an_older_map_finds_what_other_nodes_created()
    {
        using var bank = new ShardedBank();
        await using var adding = await bank.Start(First, Second, Added);
        await adding.Shards().SetWeight(new ShardId(Added), 0);
        await using var older = await bank.Start(First, Second, Added); // Checks the map after a minute.
        await older.Open();

        await adding.Shards().SetWeight(new ShardId(Added), 100);

        var accounts = await OpenMany(adding, 20);
        Assert.Contains(Added, await PlacesOf(adding, accounts));
        foreach (var account in accounts)
            Assert.Equal(1, (await older.Commands.Send(new Deposit(account, 1))).Value.Amount);
    }

    [Fact]
    public async Task A_node_with_an_older_map_creates_streams_where_the_newest_map_places_them()
    {
        using var bank = new ShardedBank();
        await using var adding = await bank.Start(First, Second, Added);
        await adding.Shards().SetWeight(new ShardId(Added), 0);
        await using var older = await bank.Start(First, Second, Added);
        await older.Open();

        await adding.Shards().SetWeight(new ShardId(Added), 100);

        var accounts = await OpenMany(older, 20);
        Assert.Contains(Added, await PlacesOf(adding, accounts));
        foreach (var account in accounts)
            Assert.Equal(0, await adding.BalanceOf(account));
    }

    [Fact]
    public async Task Of_several_nodes_that_create_a_stream_while_the_map_changes_one_succeeds()
    {
        const int Streams = 60;
        using var bank = new ShardedBank();
        await using var one = await bank.Start(First, Second, Added);
        await using var two = await bank.Start(First, Second, Added);
        await using var three = await bank.Start(First, Second, Added);
        var accounts = Enumerable.Range(0, Streams).Select(_ => Guid.CreateVersion7()).ToArray();

        var tries = 0;
        var created = Task.WhenAll(new[] { one, two, three }.Select(node =>
            Task.Run(() => CreateAll(node, accounts, () => Interlocked.Increment(ref tries)))));
        for (var weight = 0; !created.IsCompleted; weight = 100 - weight)
        {
            await one.Shards().SetWeight(new ShardId(Added), weight);
            var seen = Volatile.Read(ref tries);
            await Eventually.Until(() => Volatile.Read(ref tries) > seen + 5 || created.IsCompleted);
        }
        var winners = (await created).Sum();

        Assert.Equal(Streams, winners);
        foreach (var account in accounts)
        {
            Assert.Single(await one.ShardsWith(account));
            Assert.Equal(0, await three.BalanceOf(account));
        }
    }

    /// <summary>Tries to create each account. Returns the number of successes.</summary>
    private static async Task<int> CreateAll(BankHost node, Guid[] accounts, Action tried)
    {
        var successes = 0;
        foreach (var account in accounts)
        {
            try
            {
                await node.Commands.Send(new OpenAccount(account, "Ada"));
                successes++;
            }
            catch (AggregateExistsException)
            {
                // Another node was first.
            }
            tried();
        }
        return successes;
    }

    private static async Task<Guid[]> OpenMany(BankHost host, int count)
    {
        var accounts = new Guid[count];
        for (var i = 0; i < count; i++)
            accounts[i] = await host.Open();
        return accounts;
    }

    private static async Task<List<string>> PlacesOf(BankHost host, Guid[] accounts)
    {
        var places = new List<string>();
        foreach (var account in accounts)
            places.Add(Assert.Single(await host.ShardsWith(account)));
        return places;
    }
}
