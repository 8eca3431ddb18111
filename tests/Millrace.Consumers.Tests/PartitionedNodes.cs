using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Nodes that share one store and the partitions of its consumers, with a record of their writes.</summary>
internal sealed class PartitionedNodes(SharedStore shared) : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Node, DocumentChange Change)> _written = [];
    private readonly List<TestNode> _nodes = [];

    /// <summary>The documents in the order in which nodes wrote them.</summary>
    public IReadOnlyCollection<(string Node, DocumentChange Change)> Written => _written;

    /// <summary>The storages as the nodes see them.</summary>
    public List<FaultyStorage> Ways { get; } = [];

    public TestNode this[int index] => _nodes[index];

    /// <summary>Starts a node whose options set partition counts; consumers without one keep the count in the
    /// store.</summary>
    public async Task<TestNode> Start(Action<ConsumerHost> add, params (string Consumer, int Partitions)[] wishes)
    {
        var way = new FaultyStorage(shared.Open());
        Ways.Add(way);
        TestNode? node = null;
        way.Committed = request =>
        {
            foreach (var change in request.Checkpoint is null ? [] : request.Documents)
                _written.Enqueue((node?.Host.Node ?? "", change));
        };
        node = await TestNode.Start(way, add, options =>
        {
            options.LeaseDuration = TimeSpan.FromSeconds(30); // No node is killed here, and the machine may be busy.
            foreach (var (consumer, partitions) in wishes)
                options.Partitions[consumer] = partitions;
        });
        _nodes.Add(node);
        return node;
    }

    public Task<TestNode> StartCargo(int partitions) => Start(AddCargo, ("cargo", partitions));

    public static void AddCargo(ConsumerHost host) => TestNode.Add(host, Harbour.Cargo());

    /// <summary>Waits until a consumer is partitioned, and the nodes share its partitions evenly.</summary>
    public Task<IReadOnlyList<PartitionStatus>> Shared(string consumer, int partitions) => Eventually.Is(
        async () => (await _nodes[0].Consumers.Get(consumer)).Partitions,
        all => all.Count == partitions && all.All(one => one.Node is not null)
            && _nodes.ConvertAll(node => all.Count(one => one.Node == node.Host.Node)) is var shares
            && shares.Sum() == partitions && shares.Max() - shares.Min() <= 1,
        TestNode.WaitTimeout);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}
