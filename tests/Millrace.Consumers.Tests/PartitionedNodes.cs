using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Nodes that share one store and the partitions of its consumers. Records the documents that each node writes.
/// </summary>
internal sealed class PartitionedNodes(SharedStore shared) : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Node, DocumentChange Change)> _written = [];
    private readonly List<TestNode> _nodes = [];

    /// <summary>Gets the written documents, in the order of the writes.</summary>
    public IReadOnlyCollection<(string Node, DocumentChange Change)> Written => _written;

    /// <summary>Gets the storages of the nodes.</summary>
    public List<FaultyStorage> Storages { get; } = [];

    public TestNode this[int index] => _nodes[index];

    /// <summary>
    /// Starts a node with the given partition counts in its options. Other consumers use the count in the store.
    /// </summary>
    public async Task<TestNode> Start(
        Action<ConsumerHost> add, params (string Consumer, int Partitions)[] partitionCounts)
    {
        var storage = new FaultyStorage(shared.Open());
        Storages.Add(storage);
        TestNode? node = null;
        storage.Committed = request =>
        {
            foreach (var change in request.Checkpoint is null ? [] : request.Documents)
                _written.Enqueue((node?.Host.Node ?? "", change));
        };
        node = await TestNode.Start(storage, add, options =>
        {
            options.LeaseDuration = TimeSpan.FromSeconds(30); // No test kills a node, and the machine may be busy.
            foreach (var (consumer, partitions) in partitionCounts)
                options.Partitions[consumer] = partitions;
        });
        _nodes.Add(node);
        return node;
    }

    public Task<TestNode> StartCargo(int partitions) => Start(AddCargo, ("cargo", partitions));

    public static void AddCargo(ConsumerHost host) => TestNode.Add(host, Harbour.Cargo());

    /// <summary>Waits until a consumer has the given number of partitions and the nodes share them evenly.</summary>
    public Task<IReadOnlyList<PartitionStatus>> WaitUntilShared(string consumer, int partitions) => Eventually.Get(
        async () => (await _nodes[0].Consumers.Get(consumer)).Partitions,
        all => all.Count == partitions && all.All(partition => partition.Node is not null)
            && _nodes.ConvertAll(node => all.Count(partition => partition.Node == node.Host.Node)) is var shares
            && shares.Sum() == partitions && shares.Max() - shares.Min() <= 1,
        TestNode.WaitTimeout);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}
