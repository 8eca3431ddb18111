using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Property tests. Nodes join, leave, disconnect and reconnect at random. Only one node writes each partition at a
/// time, every event is handled, and read models are correct. At the end, the remaining nodes share the consumers
/// evenly.
/// </summary>
public sealed class NodeScheduleProperties
{
    private static readonly string[] Handlers = ["h1", "h2", "h3", "h4", "h5"];
    private static readonly string[] Ships = ["ada", "bob", "cyd"];

    [Fact]
    public Task In_memory_consumers_are_shared_without_loss_when_nodes_join_leave_and_disconnect()
    {
        return BlockingProperty.Run(12, Schedules(), schedule => Check(schedule, Nodes()));

        static Func<IStorage> Nodes()
        {
            var storage = new InMemoryStorage();
            return () => storage;
        }
    }

    [Fact]
    public Task On_one_file_consumers_are_shared_without_loss_when_nodes_join_leave_and_disconnect() =>
        BlockingProperty.Run(4, Schedules(), async schedule =>
        {
            using var file = new ShopFile();
            return await Check(schedule, file.Open);
        });

    private static Gen<IReadOnlyList<NodeStep>> Schedules() =>
        Gen.Frequency(
            (6, Gen.Constant(NodeStep.Append)),
            (3, Gen.Constant(NodeStep.Join)),
            (2, Gen.Constant(NodeStep.Leave)),
            (2, Gen.Constant(NodeStep.Disconnect)),
            (2, Gen.Constant(NodeStep.Reconnect)),
            (2, Gen.Constant(NodeStep.WaitForWork))).ListOf(14).Select(steps => (IReadOnlyList<NodeStep>)[.. steps]);

    private static async Task<bool> Check(IReadOnlyList<NodeStep> schedule, Func<IStorage> open)
    {
        await using var run = new Run(open);
        foreach (var step in schedule)
            await run.Do(step);
        await run.CheckFinalState();
        return true;
    }

    private sealed class Run(Func<IStorage> open) : IAsyncDisposable
    {
        private readonly IStorage _storage = open();
        private readonly ConcurrentQueue<(string Handler, long Position)> _handled = [];
        private readonly ConcurrentQueue<(string Node, CheckpointMove Move)> _moves = [];
        private readonly ChangingNodes _nodes = new();
        private readonly Random _random = new(1);
        private EventStore? _writer;
        private ConsistencyToken _token;

        public async Task Do(NodeStep step)
        {
            _writer ??= await EventStore.Open(_storage, Harbour.Types);
            if (step == NodeStep.Append)
                await Append();
            else if (step == NodeStep.WaitForWork && _nodes.Connected.Count > 0)
                Assert.True(
                    await _nodes.Connected[0].Node.Consumers.WaitFor(Handlers[0], _token, TestNode.WaitTimeout));
            else
                await _nodes.Do(step, StartNode);
        }

        public async Task CheckFinalState()
        {
            await Append();
            await _nodes.ReconnectAll(StartNode);

            var node = _nodes.Connected[0].Node;
            foreach (var handler in Handlers)
                Assert.True(
                    await node.Consumers.WaitFor(handler, _token, TestNode.WaitTimeout),
                    $"{handler} did not reach the position.");
            await AssertCargo(node);
            var log = await node.Store.ReadLog(EventFilter.All).CountAsync();
            foreach (var handler in Handlers)
            {
                var positions = _handled
                    .Where(item => item.Handler == handler)
                    .Select(item => item.Position)
                    .Distinct();
                Assert.Equal(Enumerable.Range(1, log).Select(position => (long)position), positions.Order());
            }
            AssertOneWriter();
            await AssertShared();
        }

        public async ValueTask DisposeAsync()
        {
            await _nodes.DisposeAsync();
            await (_writer?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private async Task<(TestNode Node, FaultyStorage Storage)> StartNode()
        {
            var storage = new FaultyStorage(open());
            TestNode? node = null;
            storage.Committed = request =>
            {
                if (request.Checkpoint is { } move)
                    _moves.Enqueue((node?.Host.Node ?? "", move));
            };
            node = await TestNode.Start(
                storage,
                host =>
                {
                    TestNode.Add(host, Harbour.Cargo());
                    foreach (var name in Handlers)
                        TestNode.Add(
                            host,
                            ConsumerDefinition.Each(name, EventFilter.All, (recorded, _) => Handle(name, recorded)));
                },
                TestNode.UseShortLease);
            return (node, storage);
        }

        private ValueTask Handle(string name, RecordedEvent recorded)
        {
            _handled.Enqueue((name, recorded.Position));
            return ValueTask.CompletedTask;
        }

        private async Task Append()
        {
            for (var i = 0; i < 3; i++)
            {
                var ship = Ships[_random.Next(Ships.Length)];
                _token = (
                    await _writer!.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, [new Loaded(ship, 1)])).Token;
            }
        }

        private async Task AssertCargo(TestNode node)
        {
            foreach (var ship in Ships)
            {
                var version = (await node.Store.GetStream(Harbour.StreamOf(ship)))?.Version ?? 0;
                var read = await Eventually.Get(
                    () => node.Cargo.Get(ship, _token).AsTask(), cargo => cargo.IsFresh, TestNode.WaitTimeout);
                Assert.Equal(version == 0 ? null : new Cargo(ship, (int)version, (int)version, version), read.Value);
            }
        }

        /// <summary>
        /// Checks that only one node wrote under each lease epoch, and that each node continued at the position of its
        /// predecessor.
        /// </summary>
        private void AssertOneWriter()
        {
            foreach (var partition in _moves.GroupBy(move => (move.Move.Consumer, move.Move.Partition)))
            {
                Assert.All(
                    partition.GroupBy(move => move.Move.LeaseEpoch),
                    sameEpoch => Assert.Single(sameEpoch.Select(move => move.Node).Distinct()));
                var moves = partition
                    .OrderBy(move => move.Move.LeaseEpoch)
                    .ThenBy(move => move.Move.To)
                    .Select(move => move.Move)
                    .ToList();
                for (var i = 1; i < moves.Count; i++)
                    Assert.Equal(moves[i - 1].To, moves[i].From);
            }
        }

        private async Task AssertShared()
        {
            var maxLeases = (Handlers.Length + 1 + _nodes.Connected.Count - 1) / _nodes.Connected.Count;
            await Eventually.Get(
                async () =>
                    string.Join(
                        ", ",
                        (await _nodes.Connected[0].Node.Consumers.List()).Select(status =>
                            $"{status.Name}: {status.Node}")),
                _ =>
                    _nodes.Connected.Sum(connected => LeaseCountOf(connected.Node)) == Handlers.Length + 1
                    && _nodes.Connected.All(connected => LeaseCountOf(connected.Node) <= maxLeases),
                TestNode.WaitTimeout);
        }

        private static int LeaseCountOf(TestNode node) => node.Host.All.Count(consumer => consumer.Lease is not null);
    }
}
