using Millrace.Projecting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests of several versions of a read model on one store. Collections that nodes still read are kept, and all others
/// are removed.
/// </summary>
public sealed class RetiredCollectionTests
{
    // A node postpones the removal of a collection in use after half of this time. The time is long enough for a busy
    // node.
    private static readonly TimeSpan ShortRetention = TimeSpan.FromSeconds(10);

    [Theory]
    [StoreKinds]
    public async Task Collections_that_old_nodes_read_survive_two_switches_of_one_rollout(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        var worker = await Start(store, 1);
        await using var reader = await Start(store, 1, options => options.IsEnabled = false);
        var token = await AppendLoads(worker, 30);
        Assert.True((await Read(reader, 1, token)).IsFresh);
        await using var second = await Start(store, 2);
        await WaitUntil(second, row => row.Live == "cargo@2");
        await worker.DisposeAsync(); // For a moment, no node runs the consumers of the first version.
        await using var third = await Start(store, 3);
        var row = await WaitUntil(third, row => row.Live == "cargo@3");

        var read = await Read(reader, 1);
        await using var restarted = await Start(store, 1);
        token = await AppendLoads(restarted, 5);
        var reads = new[]
        {
            await Read(reader, 1, token),
            await Read(restarted, 1, token),
            await Read(second, 2, token),
            await Read(third, 3, token),
        };

        Assert.Equal(30, read.Value?.Crates);
        Assert.Equal(("cargo@2", "cargo@1"), (row.Kept, Assert.Single(row.Retired).Name));
        Assert.All(reads, result => Assert.Equal((true, 35), (result.IsFresh, result.Value?.Crates)));
    }

    /// <summary>Runs on all stores concurrently, because the test mostly waits.</summary>
    [Fact]
    public Task A_collection_is_removed_only_after_no_node_reads_it() => OnEach(CheckRetention);

    private static async Task CheckRetention(SharedStore store)
    {
        var worker = await Start(store, 1, UseShortRetention);
        var reader = await Start(
            store, 1, options => (options.IsEnabled, options.KeepRetired) = (false, ShortRetention));
        var token = await AppendLoads(worker, 10);
        await Read(reader, 1, token);
        await using var second = await Start(store, 2, UseShortRetention);
        await WaitUntil(second, row => row.Live == "cargo@2");
        await using var third = await Start(store, 3, UseShortRetention);
        var row = await WaitUntil(third, row => row.Live == "cargo@3" && row.Retired.Count == 1);
        await worker.DisposeAsync();

        // Now only the reader postpones the removal. Wait until it has done so repeatedly, for longer than the
        // retention.
        await WaitUntil(
            third, now => now.Retired.Any(retired => retired.Until > row.Retired[0].Until + ShortRetention));
        var read = await Read(reader, 1);
        await reader.DisposeAsync();
        await WaitUntil(third, now => now.Retired.Count == 0);

        Assert.Equal(10, read.Value?.Crates);
        Assert.Equal(["cargo@2", "cargo@3"], await Collections(third));
        Assert.DoesNotContain(await third.Consumers.List(), status => status.Name == "cargo@1");
    }

    [Theory]
    [StoreKinds]
    public async Task Old_nodes_continue_with_a_later_rebuild_of_their_version(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var old = await Start(store, 1);
        await AppendLoads(old, 30);
        await old.Projections.RebuildBeside("cargo");
        await old.Projections.DropKept("cargo");
        await using var second = await Start(store, 2);
        await WaitUntil(second, row => row.Live == "cargo@2");
        await using var third = await Start(store, 3);
        await WaitUntil(third, row => row.Live == "cargo@3");
        await ((RebuildCoordinator)old.Host.CompanionService!).RunOnce(CancellationToken.None);

        var read = await Read(old, 1);
        var token = await AppendLoads(old, 5);

        Assert.Equal(30, read.Value?.Crates);
        Assert.Equal(35, (await Read(old, 1, token)).Value?.Crates);
        Assert.Equal(["cargo@1.2", "cargo@2", "cargo@3"], await Collections(old));
    }

    /// <summary>Runs on all stores concurrently, because the test mostly waits.</summary>
    [Fact]
    public Task A_replaced_rebuild_is_not_removed_while_its_nodes_run() =>
        OnEach(CheckReplacedRebuild);

    private static async Task CheckReplacedRebuild(SharedStore store)
    {
        await using var old = await Start(store, 1, UseShortRetention);
        await AppendLoads(old, 10);
        var second = await Start(
            store, 2, options => (options.SwitchBuilds, options.KeepRetired) = (BuildSwitch.Manual, ShortRetention));
        await second.WaitUntil("cargo@2", status => status is { LagEvents: 0, State: ConsumerState.Live });
        await using var third = await Start(store, 3, UseShortRetention);
        var row = await WaitUntil(third, row => row.Live == "cargo@3");
        var token = await AppendLoads(third, 5);

        var reads = new[] { await Read(old, 1, token), await Read(second, 2, token), await Read(third, 3, token) };
        await second.DisposeAsync();
        await WaitUntil(third, now => now.Retired.Count == 0);

        Assert.Equal(("cargo@1", "cargo@2"), (row.Kept, Assert.Single(row.Retired).Name));
        Assert.All(reads, result => Assert.Equal((true, 15), (result.IsFresh, result.Value?.Crates)));
        Assert.Equal(["cargo@1", "cargo@3"], await Collections(third));
    }

    [Theory]
    [StoreKinds]
    public async Task A_collection_that_could_not_be_removed_is_removed_later(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        var storage = new FaultyStorage(store.Open());
        await using var node = await TestNode.StartCargo(storage, TestNode.UseShortLease);
        await AppendLoads(node, 10);
        await node.Projections.RebuildBeside("cargo");
        storage.BeforeDocuments = name =>
        {
            if (name == nameof(IDocumentStorage.Drop))
                throw FaultyStorage.Unavailable();
        };

        var dropped = await node.Projections.DropKept("cargo");
        var collections = await Collections(node);
        storage.BeforeDocuments = null;
        await Eventually.Get(() => Collections(node), now => now.Count == 1, TestNode.WaitTimeout);

        Assert.Equal("cargo@1", dropped);
        Assert.Equal(["cargo@1", "cargo@1.2"], collections);
        Assert.Equal(["cargo@1.2"], await Collections(node));
        Assert.DoesNotContain(await node.Consumers.List(), status => status.Name == "cargo@1");
    }

    [Theory]
    [StoreKinds]
    public async Task A_rebuild_cancelled_while_its_node_was_dead_is_removed_after_its_lease(
        StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        var doomed = new FaultyStorage(store.Open());
        var killed = await TestNode.StartCargo(doomed, TestNode.UseShortLease);
        await AppendLoads(killed, 10);
        await killed.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        doomed.Disconnect();
        await using (var tool = await EventStore.Open(store.Open(), EventTypeMap.Empty))
            Assert.Equal("cargo@1.2", await Projections.Of(tool).DropBuild("cargo"));

        // With a short lease, the node checks more often for collections of other nodes.
        await using var node = await Start(store, 1, TestNode.UseShortLease);
        var collections = await Eventually.Get(() => Collections(node), now => now.Count == 1, TestNode.WaitTimeout);

        Assert.Equal(["cargo@1"], collections);
        await killed.DisposeAsync();
    }

    [Theory]
    [StoreKinds]
    public async Task A_dropped_collection_is_kept_for_its_retention_when_other_nodes_may_read_it(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using (var worker = await Start(store, 1))
        {
            var token = await AppendLoads(worker, 10);
            Assert.True(await worker.Consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout));
        }
        await using var reader = await Start(store, 1, options => options.IsEnabled = false);
        await using var second = await Start(store, 2);
        await WaitUntil(second, row => row.Live == "cargo@2");

        var dropped = await second.Projections.DropKept("cargo");
        var read = await Read(reader, 1);
        var row = Assert.Single(await second.Projections.Catalog());

        Assert.Equal(("cargo@1", null, "cargo@1"), (dropped, row.Kept, Assert.Single(row.Retired).Name));
        Assert.Equal(10, read.Value?.Crates);
    }

    private static async Task OnEach(Func<SharedStore, Task> test)
    {
        var failures = await Task.WhenAll(SharedStore.All.Select(async kind =>
        {
            var failure = await Record.ExceptionAsync(async () =>
            {
                using var store = await SharedStore.Create(kind);
                await test(store);
            });
            return failure is null ? "" : $"On {kind}: {failure}";
        }));
        Assert.All(failures, failure => Assert.Equal("", failure));
    }

    private static void UseShortRetention(ConsumerOptions options) => options.KeepRetired = ShortRetention;

    private static Task<TestNode> Start(SharedStore store, int version, Action<ConsumerOptions>? configure = null) =>
        TestNode.Start(store.Open(), host => TestNode.Add(host, Harbour.Cargo(version: version)), configure);

    private static async Task<ConsistencyToken> AppendLoads(TestNode node, int events)
    {
        ConsistencyToken token = default;
        for (var i = 0; i < events; i++)
            token = await node.Append("ada", new Loaded("ada", 1));
        foreach (var consumer in await node.Consumers.List())
            Assert.True(!consumer.IsHere || await node.Consumers.WaitFor(consumer.Name, token, TestNode.WaitTimeout));
        return token;
    }

    private static ValueTask<ReadResult<Cargo>> Read(TestNode node, int version, ConsistencyToken token = default) =>
        Harbour.Cargo(version: version).CreateReadModel(node.Host).Get("ada", token);

    private static async Task<IReadOnlyList<string>> Collections(TestNode node) =>
        [.. (await node.Store.Storage.Documents.List(CancellationToken.None)).Select(found => found.Definition.Name)];

    private static Task<ReadModelRecord> WaitUntil(TestNode node, Func<ReadModelRecord, bool> condition) =>
        Eventually.Get(async () => Assert.Single(await node.Projections.Catalog()), condition, TestNode.WaitTimeout);
}
