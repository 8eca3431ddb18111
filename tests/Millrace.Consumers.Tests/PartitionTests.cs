using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.Consuming;
using Xunit.Abstractions;

namespace Millrace.Tests;

/// <summary>Tests of partitioned consumers, which several nodes run concurrently.</summary>
public sealed class PartitionTests(ITestOutputHelper output)
{
    private const string Cargo = "cargo@1";

    [Theory]
    [StoreKinds]
    public async Task Nodes_share_a_read_model_and_every_node_reads_all_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var nodes = new PartitionedNodes(shared);
        for (var i = 0; i < 3; i++)
            await nodes.StartCargo(6);
        await nodes.WaitUntilShared(Cargo, 6);

        var token = await LoadShips(nodes[0], ships: 40, rounds: 5);
        for (var node = 0; node < 3; node++)
        {
            var read = await nodes[node].Cargo.Query(new ReadQuery { Limit = 100 }, token);
            Assert.True(read.IsFresh);
            Assert.Equal(40, read.Items.Count);
            Assert.All(read.Items, cargo => Assert.Equal((5, 5L), (cargo.Changes, cargo.Last)));
            Assert.Equal(5, (await nodes[node].Cargo.Get("s7", token)).Value!.Changes);
        }

        Assert.True((await nodes[1].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
        Assert.Equal(3, nodes.Written.Select(write => write.Node).Distinct().Count());
        Assert.All(
            nodes.Written.GroupBy(write => write.Change.Key),
            writes => Assert.Single(writes.Select(write => write.Node).Distinct()));
    }

    [Theory]
    [StoreKinds]
    public async Task The_partitions_of_one_node_share_their_reads_in_a_rebuild(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.StartCargo(4);
        await nodes.WaitUntilShared(Cargo, 4);
        var token = await AppendLoads(nodes[0]);
        Assert.Equal(400, (await nodes[0].Cargo.Get("s7", token)).Value!.Changes);
        var before = nodes.Storages[0].EventsRead;

        await Rebuild(nodes, $"{kind}, 4 partitions on one node");

        output.WriteLine($"{nodes.Storages[0].EventsRead - before:N0} events read for 60,000");
        await ExpectLoaded(nodes[0], token);
    }

    [PostgreSqlFact]
    public async Task Three_nodes_rebuild_the_same_documents_as_one_node()
    {
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.Start(PartitionedNodes.AddCargo);
        var token = await AppendLoads(nodes[0]);
        Assert.Equal(400, (await nodes[0].Cargo.Get("s7", token)).Value!.Changes);

        await Rebuild(nodes, "one node");
        for (var i = 0; i < 2; i++)
            await nodes.StartCargo(3);
        await nodes.WaitUntilShared(Cargo, 3);
        await Rebuild(nodes, "three nodes, a partition each");

        foreach (var node in new[] { 0, 1, 2 })
            await ExpectLoaded(nodes[node], token);
    }

    private async Task Rebuild(PartitionedNodes nodes, string description)
    {
        var started = Stopwatch.GetTimestamp();
        await nodes[0].Projections.Rebuild(Cargo).WaitAsync(TestNode.WaitTimeout);
        output.WriteLine(
            $"{description}: 60,000 events in {Stopwatch.GetElapsedTime(started).TotalMilliseconds:N0} ms");
    }

    /// <summary>Appends 60,000 events of 150 ships.</summary>
    private static async Task<ConsistencyToken> AppendLoads(TestNode node)
    {
        ConsistencyToken token = default;
        for (var i = 0; i < 600; i++)
            token = await node.Append($"s{i % 150}", [.. Enumerable.Repeat(new Loaded($"s{i % 150}", 1), 100)]);
        return token;
    }

    private static async Task ExpectLoaded(TestNode node, ConsistencyToken token)
    {
        var rebuilt = await node.Cargo.Query(new ReadQuery { Limit = 200 }, token);
        Assert.Equal(150, rebuilt.Items.Count);
        Assert.All(rebuilt.Items, cargo => Assert.Equal((400, 400L), (cargo.Changes, cargo.Last)));
        Assert.True((await node.Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    [Fact]
    public async Task A_handler_receives_each_event_once_in_order_on_one_of_several_nodes()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        var handled = new ConcurrentQueue<(int Node, string Stream, long Version)>();
        for (var i = 0; i < 2; i++)
        {
            var number = i;
            var definition = ConsumerDefinition.Each("clerk", EventFilter.All, (recorded, _) =>
            {
                handled.Enqueue((number, recorded.Stream.Value, recorded.Version));
                return ValueTask.CompletedTask;
            });
            await nodes.Start(host => TestNode.Add(host, definition), ("clerk", 4));
        }
        await nodes.WaitUntilShared("clerk", 4);

        var token = await LoadShips(nodes[0], ships: 30, rounds: 4);
        Assert.True(await nodes[1].Consumers.WaitFor("clerk", token, TestNode.WaitTimeout));

        Assert.Equal(120, handled.Count);
        Assert.Equal(2, handled.Select(item => item.Node).Distinct().Count());
        Assert.All(
            handled.GroupBy(item => item.Stream),
            items => Assert.Equal([1, 2, 3, 4], items.Select(item => item.Version)));
        Assert.All(
            handled.GroupBy(item => item.Stream), items => Assert.Single(items.Select(item => item.Node).Distinct()));
    }

    [Theory]
    [StoreKinds]
    public async Task A_running_consumer_is_repartitioned_without_lost_or_repeated_events(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.Start(PartitionedNodes.AddCargo);
        using var stop = new CancellationTokenSource();
        var writing = Write(nodes[0], stop.Token);

        foreach (var partitions in new[] { 2, 4, 8 })
        {
            await nodes.StartCargo(partitions);
            await nodes.WaitUntilShared(Cargo, partitions);
        }
        // Three is not a multiple of eight, so the consumer is repartitioned when no event is appended for a moment.
        await nodes.StartCargo(3);
        await stop.CancelAsync();
        var token = await writing;
        await nodes.WaitUntilShared(Cargo, 3);

        Assert.True((await nodes[0].Cargo.Get("s1", token)).IsFresh);
        Assert.True((await nodes[4].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    [Theory]
    [StoreKinds]
    public async Task A_rebuild_beside_is_done_by_all_nodes_and_gives_the_same_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var nodes = new PartitionedNodes(shared);
        for (var i = 0; i < 3; i++)
            await nodes.StartCargo(3);
        await nodes.WaitUntilShared(Cargo, 3);
        var token = await LoadShips(nodes[0], ships: 50, rounds: 20);
        var before = (await nodes[0].Cargo.Query(new ReadQuery { Limit = 100 }, token)).Items;
        // With so few events, one node could finish before the other nodes know the rebuild.
        await nodes[0].Store.Storage.Leases.SetPaused("cargo@1.2", true, CancellationToken.None);
        var begun = await nodes[1].Projections.StartRebuildBeside("cargo");
        await nodes.WaitUntilShared(begun, 3);
        await nodes[2].Consumers.Resume(begun);

        var built = await nodes[1].Projections.RebuildBeside("cargo").WaitAsync(TestNode.WaitTimeout);

        var after = (await nodes[2].Cargo.Query(new ReadQuery { Limit = 100 }, token)).Items;
        Assert.Equal(before, after);
        Assert.Equal(built, Assert.Single(await nodes[2].Projections.Catalog()).Live);
        Assert.True((await nodes[0].Projections.Check(built, TestNode.WaitTimeout)).IsSound);
        var writers = nodes
            .Written.Where(write => write.Change.Collection == built)
            .Select(write => write.Node)
            .Distinct();
        Assert.Equal(3, writers.Count());
        Assert.Equal(3, (await nodes[0].Consumers.Get(built)).Partitions.Count);
    }

    [Fact]
    public async Task A_build_does_not_take_over_before_all_its_partitions_have_caught_up()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.StartCargo(3);
        await nodes.WaitUntilShared(Cargo, 3);
        await LoadShips(nodes[0], ships: 20, rounds: 3);
        var built = await nodes[0].Projections.StartRebuildBeside("cargo", BuildSwitch.Manual);
        await nodes.WaitUntilShared(built, 3);
        await nodes[0].WaitUntil(built, status => status.LagEvents == 0);
        await nodes[0].Consumers.Pause(built);
        await nodes[0]
            .WaitUntil(built, status => status.Partitions.All(partition => partition.State == ConsumerState.Paused));
        var token = await LoadShips(nodes[0], ships: 20, rounds: 1);
        await nodes[0].Cargo.Get("s1", token);

        await Assert.ThrowsAsync<TimeoutException>(() =>
            nodes[0].Projections.Switch("cargo", TimeSpan.FromMilliseconds(200)));
        await nodes[0].Consumers.Resume(built);
        await nodes[0].Projections.Switch("cargo", TestNode.WaitTimeout);

        Assert.Equal(4, (await nodes[0].Cargo.Get("s1", token)).Value!.Changes);
    }

    [Fact]
    public async Task A_rebuild_in_place_a_pause_and_a_reset_apply_to_all_partitions()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        var handled = new ConcurrentQueue<long>();
        void Add(ConsumerHost host)
        {
            PartitionedNodes.AddCargo(host);
            TestNode.Add(host, ConsumerDefinition.Each("clerk", EventFilter.All, (recorded, _) =>
            {
                handled.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            }));
        }
        for (var i = 0; i < 2; i++)
            await nodes.Start(Add, ("cargo", 4), ("clerk", 4));
        await nodes.WaitUntilShared(Cargo, 4);
        await nodes.WaitUntilShared("clerk", 4);
        var token = await LoadShips(nodes[0], ships: 20, rounds: 3);
        Assert.True(await nodes[0].Consumers.WaitFor("clerk", token, TestNode.WaitTimeout));

        await nodes[1].Projections.Rebuild(Cargo).WaitAsync(TestNode.WaitTimeout);
        Assert.True((await nodes[0].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);

        await nodes[1].Consumers.Pause("clerk");
        var paused = await nodes[0]
            .WaitUntil("clerk", status => status.Partitions.All(partition => partition.State == ConsumerState.Paused));
        Assert.Equal((ConsumerState.Paused, true), (paused.State, paused.IsPaused));
        handled.Clear();
        await nodes[1].Consumers.Reset("clerk", 10);
        await nodes[0].Consumers.Resume("clerk");
        Assert.True(await nodes[0].Consumers.WaitFor("clerk", token, TestNode.WaitTimeout));
        Assert.Equal(Enumerable.Range(11, 50).Select(position => (long)position), handled.Order());
    }

    [Fact]
    public async Task Nodes_use_the_partition_count_of_the_store_and_not_their_own_options()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.StartCargo(4);
        await nodes.WaitUntilShared(Cargo, 4);
        await nodes.Start(PartitionedNodes.AddCargo);
        var partitions = await nodes.WaitUntilShared(Cargo, 4);

        var status = await nodes[0].Consumers.Get(Cargo);

        Assert.Equal([0, 1, 2, 3], partitions.Select(partition => partition.Partition));
        Assert.Null(status.Node);
        Assert.True(status.IsHere);
    }

    [Fact]
    public async Task A_partitioned_consumer_becomes_undivided_when_the_options_require_it()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var nodes = new PartitionedNodes(shared);
        await nodes.StartCargo(4);
        await nodes.WaitUntilShared(Cargo, 4);
        var token = await LoadShips(nodes[0], ships: 20, rounds: 3);
        await nodes.StartCargo(1);

        // The consumer continues at the lowest position of the partitions, which may be before the end of the log.
        await nodes[0]
            .WaitUntil(
                Cargo,
                status => status.Partitions.Count == 0 && status.Node is not null && status.Checkpoint >= token.Position
            );
        var last = await LoadShips(nodes[0], ships: 20, rounds: 1);

        Assert.Equal(4, (await nodes[1].Cargo.Get("s3", last)).Value!.Changes);
        Assert.True((await nodes[0].Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    /// <summary>Appends a number of events to each of several ships.</summary>
    internal static async Task<ConsistencyToken> LoadShips(TestNode node, int ships, int rounds)
    {
        ConsistencyToken token = default;
        for (var round = 0; round < rounds; round++)
        {
            for (var ship = 0; ship < ships; ship++)
                token = await node.Append($"s{ship}", new Loaded($"s{ship}", round));
        }
        return token;
    }

    /// <summary>Loads, unloads and scraps ships until the token is cancelled.</summary>
    private static async Task<ConsistencyToken> Write(TestNode node, CancellationToken stop)
    {
        var random = new Random(1);
        ConsistencyToken token = default;
        for (var i = 0; i < 20 || !stop.IsCancellationRequested; i++)
        {
            var ship = $"s{random.Next(40)}";
            token = await node.Append(ship, random.Next(5) switch
            {
                0 => new Unloaded(ship, 1),
                1 => new Scrapped(ship),
                _ => new Loaded(ship, i),
            });
        }
        return token;
    }
}
