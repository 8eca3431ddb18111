using System.Collections.Concurrent;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Property tests. Nodes with different partition counts join, leave, disconnect and reconnect at random, while ships
/// are loaded, unloaded and scrapped. At the end, every document equals a single-threaded fold. Every event was handled
/// in the order of its key, and no event was applied twice.
/// </summary>
public sealed class PartitionScheduleProperties
{
    private static readonly string[] Ships = [.. Enumerable.Range(0, 12).Select(number => $"s{number}")];
    private static readonly int[] PartitionCounts = [1, 2, 3, 4, 6, 8];

    [Fact]
    public Task In_memory_no_event_is_lost_or_repeated_when_nodes_and_partitions_change() =>
        Check(StoreKind.Memory, 12);

    [Fact]
    public Task On_one_file_no_event_is_lost_or_repeated_when_nodes_and_partitions_change() =>
        Check(StoreKind.Sqlite, 3);

    [PostgreSqlFact]
    public Task On_PostgreSql_no_event_is_lost_or_repeated_when_nodes_and_partitions_change() =>
        Check(StoreKind.PostgreSql, 4);

    private static Task Check(StoreKind kind, int tests) =>
        BlockingProperty.Run(tests, Schedules(), schedule => Execute(kind, schedule));

    private static Gen<IReadOnlyList<(NodeStep Step, int Number)>> Schedules() =>
        Gen.Frequency(
            (6, Gen.Constant(NodeStep.Append)),
            (4, Gen.Constant(NodeStep.Join)),
            (1, Gen.Constant(NodeStep.Leave)),
            (2, Gen.Constant(NodeStep.Disconnect)),
            (2, Gen.Constant(NodeStep.Reconnect)),
            (2, Gen.Constant(NodeStep.WaitForWork)))
            .SelectMany(step => Gen.Elements(PartitionCounts).Select(number => (step, number)))
            .ListOf(14).Select(steps => (IReadOnlyList<(NodeStep, int)>)[.. steps]);

    private static async Task<bool> Execute(StoreKind kind, IReadOnlyList<(NodeStep Step, int Number)> schedule)
    {
        using var shared = await SharedStore.Create(kind);
        await using var run = new Run(shared.Open);
        foreach (var (step, number) in schedule)
            await run.Do(step, number);
        await run.CheckFinalState();
        return true;
    }

    private sealed class Run(Func<IStorage> open) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Ship, long Position)> _handled = [];
        private readonly ConcurrentQueue<CheckpointMove> _moves = [];
        private readonly ChangingNodes _nodes = new();
        private readonly Random _random = new(1);
        private EventStore? _writer;
        private ConsistencyToken _token;

        public async Task Do(NodeStep step, int number)
        {
            _writer ??= await EventStore.Open(open(), Harbour.Types);
            if (step == NodeStep.Append)
                await Append();
            else if (step == NodeStep.WaitForWork && _nodes.Connected.Count > 0)
                Assert.True(await _nodes.Connected[0].Node.Consumers.WaitFor("clerk", _token, TestNode.WaitTimeout));
            else
                await _nodes.Do(step, () => StartNode(number));
        }

        public async Task CheckFinalState()
        {
            _writer ??= await EventStore.Open(open(), Harbour.Types);
            await Append();
            await _nodes.ReconnectAll(() => StartNode(2));

            foreach (var (node, _) in _nodes.Connected)
            {
                Assert.True(
                    await node.Consumers.WaitFor("clerk", _token, TestNode.WaitTimeout),
                    "The handler did not reach the position.");
                var check = await node.Projections.Check("cargo@1", TestNode.WaitTimeout);
                Assert.True(check.IsSound, string.Join(", ", check.Differences.Select(difference => difference.Key)));
                // A read is stale while its partitions move, because it does not know the concurrent writes.
                await Eventually.Get(
                    () => node.Cargo.Query(new ReadQuery(), _token).AsTask(),
                    read => read.IsFresh,
                    TestNode.WaitTimeout);
            }
            await AssertHandled();
            AssertOneWriter();
        }

        public async ValueTask DisposeAsync()
        {
            await _nodes.DisposeAsync();
            await (_writer?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private async Task<(TestNode Node, FaultyStorage Storage)> StartNode(int partitions)
        {
            var storage = new FaultyStorage(open())
            {
                Committed = request =>
                {
                    if (request.Checkpoint is { } move)
                        _moves.Enqueue(move);
                },
            };
            var clerk = ConsumerDefinition.Each("clerk", EventFilter.All, Handle).ByKey(KeyOf);
            var node = await TestNode.Start(
                storage,
                host =>
                {
                    TestNode.Add(host, Harbour.Cargo());
                    TestNode.Add(host, clerk);
                },
                options =>
                {
                    TestNode.UseShortLease(options);
                    options.Partitions["cargo"] = partitions;
                    options.Partitions["clerk"] = PartitionCounts[_random.Next(PartitionCounts.Length)];
                });
            return (node, storage);
        }

        private ValueTask Handle(RecordedEvent recorded, CancellationToken cancellationToken)
        {
            _handled.Enqueue((KeyOf(recorded), recorded.Position));
            return ValueTask.CompletedTask;
        }

        private static string KeyOf(RecordedEvent recorded) => recorded.Data switch
        {
            Loaded loaded => loaded.Ship,
            Unloaded unloaded => unloaded.Ship,
            Scrapped scrapped => scrapped.Ship,
            _ => "",
        };

        /// <summary>Appends events whose ship can differ from their stream.</summary>
        private async Task Append()
        {
            for (var i = 0; i < 10; i++)
            {
                var ship = Ships[_random.Next(Ships.Length)];
                var stream = Harbour.StreamOf(Ships[_random.Next(Ships.Length)]);
                object @event = _random.Next(5) switch
                {
                    0 => new Unloaded(ship, 2),
                    1 => new Scrapped(ship),
                    _ => new Loaded(ship, 1),
                };
                // The writer was opened before.
                _token = (await _writer!.Append(stream, ExpectedVersion.Any, [@event])).Token;
            }
        }

        /// <summary>
        /// Checks that all events were handled, and that the first handlings of the events of each ship are in order.
        /// </summary>
        private async Task AssertHandled()
        {
            // The writer was opened before.
            var log = await _writer!
                .ReadLog(EventFilter.All)
                .Select(recorded => (KeyOf(recorded), recorded.Position))
                .ToListAsync();
            var first = _handled.Distinct().ToList();
            Assert.Equal(log.Count, first.Count);
            Assert.All(first.GroupBy(item => item.Ship), handlings => Assert.Equal(handlings.Order(), handlings));
            Assert.Equal(log.Order(), first.Order());
        }

        /// <summary>Checks that each checkpoint under one lease epoch continues at the previous checkpoint.</summary>
        private void AssertOneWriter()
        {
            foreach (var lease in _moves.GroupBy(move => (move.Consumer, move.Partition, move.LeaseEpoch)))
            {
                var moves = lease.OrderBy(move => move.To).ToList();
                for (var i = 1; i < moves.Count; i++)
                    Assert.Equal(moves[i - 1].To, moves[i].From);
            }
        }
    }
}
