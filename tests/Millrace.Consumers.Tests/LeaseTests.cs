using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class LeaseTests
{
    private const string Cargo = "cargo@1";

    [Fact]
    public async Task One_node_runs_the_consumer_and_the_other_reads_fresh_documents()
    {
        var storage = new InMemoryStorage();
        await using var first = await TestNode.StartCargo(storage, UseLongLease);
        await first.WaitUntil(Cargo, status => status.IsHere);
        await using var second = await TestNode.StartCargo(storage);

        var token = await second.Append("ada", new Loaded("ada", 1));
        var cargo = await second.Cargo.Get("ada", token);

        Assert.Equal((true, 1), (cargo.IsFresh, cargo.Value!.Crates));
        Assert.False((await second.Consumers.Get(Cargo)).IsHere);
    }

    [Fact]
    public async Task Unsubscribed_events_do_not_delay_a_reader_on_another_node()
    {
        var storage = new InMemoryStorage();
        await using var first = await TestNode.StartCargo(storage, options =>
        {
            UseLongLease(options);
            options.CheckpointEvery = TimeSpan.FromMinutes(1);
        });
        await first.WaitUntil(Cargo, status => status.IsHere);
        await using var second = await TestNode.StartCargo(storage);
        var loaded = await second.Append("ada", new Loaded("ada", 1));
        Assert.True(await second.Consumers.WaitFor(Cargo, loaded));

        var inspected = await second.Append("ada", new Inspected("ada", ["north"]));
        // The timeout is shorter than the checkpoint interval.
        var isReached = await second.Consumers.WaitFor(Cargo, inspected, TimeSpan.FromSeconds(40));
        var cargo = await second.Cargo.Get("ada", new ReadAfter(default, TimeSpan.Zero));

        Assert.True(isReached);
        Assert.True(cargo.IsFresh);
        Assert.Equal(1, (await second.Consumers.Get(Cargo)).Checkpoint);
    }

    [Fact]
    public async Task A_stopping_node_hands_over_immediately()
    {
        var storage = new InMemoryStorage();
        var first = await TestNode.StartCargo(storage, UseLongLease);
        await first.WaitUntil(Cargo, status => status.IsHere);
        await using var second = await TestNode.StartCargo(storage);

        await first.DisposeAsync();
        var token = await second.Append("ada", new Loaded("ada", 1));

        Assert.True((await second.Cargo.Get("ada", token)).IsFresh);
    }

    [Fact]
    public async Task A_read_is_repeated_if_the_consumer_moves_to_another_node_meanwhile()
    {
        var storage = new InMemoryStorage();
        var first = await TestNode.StartCargo(storage, UseLongLease);
        await first.WaitUntil(Cargo, status => status.IsHere);
        await using var second = await TestNode.StartCargo(storage);
        var watched = new FaultyStorage(storage);
        await using var reader = await TestNode.StartCargo(watched, options => options.IsEnabled = false);
        var token = await reader.Append("ada", new Loaded("ada", 1));
        Assert.True(await reader.Consumers.WaitFor(Cargo, token));
        watched.BeforeDocuments = name =>
        {
            if (name != nameof(IDocumentStorage.GetWithProgress))
                return;
            watched.BeforeDocuments = null;
            first.DisposeAsync().AsTask().Wait(TestNode.WaitTimeout);
            second.WaitUntil(Cargo, status => status.IsHere).Wait(TestNode.WaitTimeout);
        };

        var read = await reader.Cargo.Get("bea", token);

        Assert.Null(watched.BeforeDocuments);
        Assert.True(read.IsFresh, read.Freshness.ToString());
    }

    [Fact]
    public async Task A_disconnected_node_is_replaced_when_its_lease_expires()
    {
        var storage = new InMemoryStorage();
        var faulty = new FaultyStorage(storage);
        await using var first = await TestNode.StartCargo(faulty, TestNode.UseShortLease);
        await first.WaitUntil(Cargo, status => status.IsHere);
        await using var second = await TestNode.StartCargo(storage);

        faulty.Disconnect();
        var token = await second.Append("ada", new Loaded("ada", 1));

        Assert.True((await second.Cargo.Get("ada", token)).IsFresh);
    }

    [Fact]
    public async Task A_late_release_keeps_the_lease_of_the_next_holder()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage, UseLongLease);
        await node.WaitUntil(Cargo, status => status.IsHere);
        var consumer = node.Host.Find(Cargo)!; // The consumer was added to the host.
        var before = consumer.Lease!; // The node has the lease.
        consumer.Lose(before);
        await Eventually.Until(() => consumer.Lease is not null, TestNode.WaitTimeout);
        var currentLease = consumer.Lease;

        await node.Host.LeaseCoordinator.ReleaseLease(consumer, before, CancellationToken.None);

        Assert.NotSame(before, currentLease);
        Assert.Same(currentLease, consumer.Lease);
        Assert.Equal(node.Host.Node, Assert.Single(await storage.Leases.List(CancellationToken.None)).Holder);
    }

    [Fact]
    public async Task Writes_of_a_replaced_node_are_refused()
    {
        var storage = new InMemoryStorage();
        using var begun = new SemaphoreSlim(0);
        using var canContinue = new SemaphoreSlim(0);
        var slow = Harbour.Cargo(create: () => new GatedProjection(begun, canContinue));
        // This node does not refresh before the test ends, so only the storage reports the lost lease.
        await using var zombie = await TestNode.Start(storage, host => TestNode.Add(host, slow), options =>
        {
            options.LeaseDuration = TimeSpan.FromMinutes(5);
            options.LookEvery = TimeSpan.FromMinutes(1);
        });
        await zombie.WaitUntil(Cargo, status => status.IsHere);
        await zombie.Append("ada", new Loaded("ada", 1));
        await begun.WaitAsync();

        var lease = zombie.Host.Find(Cargo)!.Lease!;
        await storage.Leases.Release(Cargo, 0, lease.Epoch, CancellationToken.None);
        await using var successor = await TestNode.StartCargo(storage);
        var token = await successor.Append("ada", new Loaded("ada", 10));
        Assert.True((await successor.Cargo.Get("ada", token)).IsFresh);
        canContinue.Release(2);
        var lost = new TaskCompletionSource();
        await using var registration = lease.Lost.Register(lost.SetResult);
        await lost.Task.WaitAsync(TestNode.WaitTimeout);

        var cargo = await successor.Cargo.Get("ada", token);
        Assert.Equal(new Cargo("ada", 11, 2, 2), cargo.Value);
        var record = Assert.Single(await storage.Leases.List(CancellationToken.None));
        Assert.Equal((successor.Host.Node, 2), (record.Holder, record.Checkpoint));
    }

    [Fact]
    public async Task Events_of_another_node_are_read_once_for_all_consumers()
    {
        const int Events = 200;
        var shared = new InMemoryStorage();
        var counting = new FaultyStorage(shared);
        string[] names = ["one", "two", "three", "four"];
        await using var node = await TestNode.Start(counting, host =>
        {
            foreach (var name in names)
                TestNode.Add(host, ConsumerDefinition.Each(name, EventFilter.All, (_, _) => ValueTask.CompletedTask));
        });
        foreach (var name in names)
            await node.WaitUntil(name, status => status.State == ConsumerState.Live);
        await using var other = await TestNode.Start(shared);

        ConsistencyToken token = default;
        for (var i = 0; i < Events; i++)
            token = await other.Append("ada", new Loaded("ada", i));
        foreach (var name in names)
            Assert.True(await node.Consumers.WaitFor(name, token, TestNode.WaitTimeout));

        Assert.InRange(counting.EventsRead, Events, Events * 2);
    }

    /// <summary>Sets a long lease, so that a node that pauses for some seconds keeps its lease.</summary>
    private static void UseLongLease(ConsumerOptions options) => options.LeaseDuration = TimeSpan.FromMinutes(5);

    private sealed class GatedProjection(SemaphoreSlim begun, SemaphoreSlim canContinue) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _cargo.CollectKeys(recorded, keys);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            begun.Release();
            canContinue.Wait(TestNode.WaitTimeout);
            return _cargo.Fold(key, document, recorded);
        }
    }
}
