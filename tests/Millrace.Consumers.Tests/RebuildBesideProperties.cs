using FsCheck;
using FsCheck.Fluent;
using Millrace.Projecting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Property tests. After any sequence of rebuilds, switches, drops and crashes, each read and each collection on any
/// node equals the folded log.
/// </summary>
public sealed class RebuildBesideProperties
{
    private const int Ships = 4;
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(200);

    [Fact]
    public Task Reads_equal_the_folded_log_after_rebuilds_switches_drops_and_crashes() =>
        BlockingProperty.Run(TestRun.IsLong ? 10 : 6, Schedules(), schedule => Check(schedule, isMixed: false));

    [Fact]
    public Task Reads_equal_the_folded_log_when_the_nodes_run_two_versions() =>
        BlockingProperty.Run(TestRun.IsLong ? 10 : 6, Schedules(), schedule => Check(schedule, isMixed: true));

    private static Gen<Schedule> Schedules()
    {
        var step = Gen.Frequency(
            (8, Gen.Constant(Step.Append)),
            (3, Gen.Constant(Step.Build)),
            (2, Gen.Constant(Step.BuildOnly)),
            (2, Gen.Constant(Step.Switch)),
            (2, Gen.Constant(Step.SwitchBack)),
            (2, Gen.Constant(Step.Drop)),
            (2, Gen.Constant(Step.Kill)),
            (1, Gen.Constant(Step.Restart)),
            (3, Gen.Constant(Step.Read)));
        return from steps in step.ListOf(20)
               from seed in Gen.Choose(0, int.MaxValue)
               select new Schedule(seed, [.. steps]);
    }

    private static async Task<bool> Check(Schedule schedule, bool isMixed)
    {
        await using var run = new Run(schedule.Seed, isMixed);
        foreach (var step in schedule.Steps)
            await run.Do(step);
        await run.Compare();
        return true;
    }

    private enum Step
    {
        Append,
        Build,
        BuildOnly,
        Switch,
        SwitchBack,
        Drop,
        Kill,
        Restart,
        Read,
    }

    private sealed record Schedule(int Seed, IReadOnlyList<Step> Steps)
    {
        public override string ToString() => $"{Seed}: {string.Join(", ", Steps)}";
    }

    /// <summary>Runs a schedule on two nodes on one file, with one version or with two equivalent versions.</summary>
    private sealed class Run(int seed, bool isMixed) : IAsyncDisposable
    {
        private readonly ShopFile _file = new();
        private readonly Random _random = new(seed);
        private readonly (TestNode Node, FaultyStorage Storage)?[] _nodes = new (TestNode, FaultyStorage)?[2];
        private readonly List<TestNode> _dead = [];

        public async Task Do(Step step)
        {
            var index = _random.Next(_nodes.Length);
            var node = await NodeAt(index);
            switch (step)
            {
                case Step.Append:
                    for (var i = _random.Next(1, 30); i > 0; i--)
                        await node.Append(
                            $"s{_random.Next(Ships)}", new Loaded($"s{_random.Next(Ships)}", _random.Next(100)));
                    break;
                case Step.Build:
                    await Try(() => node.Projections.StartRebuildBeside("cargo").AsTask());
                    break;
                case Step.BuildOnly:
                    await node.Projections.StartRebuildBeside("cargo", BuildSwitch.Manual);
                    break;
                case Step.Switch:
                    await Try(() => node.Projections.Switch("cargo", ShortWait));
                    break;
                case Step.SwitchBack:
                    await Try(() => node.Projections.SwitchBack("cargo", ShortWait));
                    break;
                case Step.Drop:
                    await Try(() => node.Projections.Drop("cargo").AsTask());
                    break;
                case Step.Kill:
                    _nodes[index]!.Value.Storage.Disconnect();
                    _dead.Add(node);
                    _nodes[index] = null;
                    break;
                case Step.Restart:
                    await node.DisposeAsync();
                    _nodes[index] = null;
                    break;
                default:
                    // After a switch back, the collection is up to date only while a node of its version runs.
                    if (isMixed)
                        await NodeAt(1 - index);
                    await CompareReads(node, VersionAt(index));
                    break;
            }
        }

        public async Task Compare()
        {
            var (node, other) = (await NodeAt(0), await NodeAt(1));
            await CompareReads(node, VersionAt(0));
            await CompareReads(other, VersionAt(1));
            var row = await RowWhenSettled(node);
            string?[] all = [row.Live, row.Building, row.Kept, .. row.Retired.Select(retired => retired.Name)];
            var projections = new Projections(node.Host, [Harbour.Cargo(), Harbour.Cargo(version: 2)]);
            foreach (var collection in all.OfType<string>())
            {
                Assert.True(
                    await node.Consumers.WaitFor(collection, await node.Store.GetToken(), TestNode.WaitTimeout),
                    $"{collection} of {row}: {string.Join('\n', await node.Consumers.List())}");
                Assert.True(
                    (await projections.Check(collection, TestNode.WaitTimeout)).IsSound, $"{collection} of {row}");
            }
            await Eventually.Get(
                async () => (await node.Projections.List()).Select(status => status.Collection).Except(all).ToList(),
                static leftOver => leftOver.Count == 0,
                TestNode.WaitTimeout);
        }

        private int VersionAt(int index) => isMixed ? index + 1 : 1;

        public async ValueTask DisposeAsync()
        {
            foreach (var dead in _dead)
                await dead.DisposeAsync();
            foreach (var node in _nodes)
            {
                if (node is { } running)
                    await running.Node.DisposeAsync();
            }
            _file.Dispose();
        }

        /// <summary>
        /// Returns the row after all automatic changes. Each node has then entered its version, and automatic switches
        /// are complete.
        /// </summary>
        private async Task<ReadModelRecord> RowWhenSettled(TestNode node)
        {
            using var limit = new CancellationTokenSource(TestNode.WaitTimeout);
            while (true)
            {
                var row = Assert.Single(await node.Projections.Catalog(limit.Token));
                if ((row.Building is null || !row.SwitchesAutomatically)
                    && HasEntered(row, VersionAt(0))
                    && HasEntered(row, VersionAt(1)))
                    return row;
                await Task.Yield(); // The rebuild switches as soon as it has caught up.
            }
        }

        /// <summary>
        /// Returns whether the row contains the version, and names a collection of this or a newer version as live,
        /// building or kept.
        /// </summary>
        private static bool HasEntered(ReadModelRecord row, int version) =>
            VersionCollections.HasOf(row, version)
            && (string?[])[row.Live, row.Building, row.Kept] is var named
            && named.Max(name => name is null ? 0 : CollectionName.VersionOf(name)) >= version;

        private static async Task Try(Func<Task> act)
        {
            var refused = await Record.ExceptionAsync(act);
            Assert.True(refused is null or ReadModelBuildException or TimeoutException, refused?.ToString());
        }

        private static async Task CompareReads(TestNode node, int version)
        {
            var cargo = Harbour.Cargo(version: version).CreateReadModel(node.Host);
            for (var ship = 0; ship < Ships; ship++)
                await Compare(node, cargo, $"s{ship}");
        }

        private static async Task Compare(TestNode node, IReadModel<string, Cargo> cargo, string ship)
        {
            var projection = new CargoProjection();
            Cargo? expected = null;
            var token = await node.Store.GetToken();
            await foreach (var recorded in node.Store.ReadLog(EventFilter.All))
            {
                if (((Loaded)recorded.Data).Ship == ship)
                    expected = projection.Fold(ship, expected, recorded);
            }
            using var limit = new CancellationTokenSource(TestNode.WaitTimeout);
            ReadResult<Cargo> answer;
            do
                answer = await cargo.Get(ship, new ReadAfter(token, TestNode.WaitTimeout), limit.Token);
            while (!answer.IsFresh);
            Assert.Equal(expected, answer.Value);
        }

        private async Task<TestNode> NodeAt(int index)
        {
            if (_nodes[index] is { } running)
                return running.Node;
            var storage = new FaultyStorage(_file.Open());
            var node = await TestNode.Start(
                storage,
                host => TestNode.Add(host, Harbour.Cargo(version: VersionAt(index))),
                options =>
                {
                    TestNode.UseShortLease(options);
                    options.CommitDocuments = 1 + _random.Next(3);
                    options.BatchEvents = 1 + _random.Next(50);
                }
            );
            _nodes[index] = (node, storage);
            return node;
        }
    }
}
