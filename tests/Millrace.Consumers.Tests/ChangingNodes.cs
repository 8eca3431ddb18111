
namespace Millrace.Tests;

/// <summary>
/// Nodes that join, leave, disconnect from their storage and reconnect. A fixed seed chooses the nodes.
/// </summary>
internal sealed class ChangingNodes : IAsyncDisposable
{
    private const int MaxNodes = 4;

    private readonly Random _random = new(1);
    private readonly List<(TestNode Node, FaultyStorage Storage)> _connected = [];
    private readonly List<(TestNode Node, FaultyStorage Storage)> _disconnected = [];

    /// <summary>Gets the nodes that are connected to their storage.</summary>
    public IReadOnlyList<(TestNode Node, FaultyStorage Storage)> Connected => _connected;

    /// <summary>Runs a step. An impossible step is skipped, such as a leave without a node.</summary>
    public async Task Do(NodeStep step, Func<Task<(TestNode Node, FaultyStorage Storage)>> startNode)
    {
        switch (step)
        {
            case NodeStep.Join when _connected.Count + _disconnected.Count < MaxNodes:
                _connected.Add(await startNode());
                break;
            case NodeStep.Leave when _connected.Count > 0:
                await Take(_connected).Node.DisposeAsync();
                break;
            case NodeStep.Disconnect when _connected.Count > 0:
                var disconnected = Take(_connected);
                disconnected.Storage.Disconnect();
                _disconnected.Add(disconnected);
                break;
            case NodeStep.Reconnect when _disconnected.Count > 0:
                var reconnected = Take(_disconnected);
                reconnected.Storage.Reconnect();
                _connected.Add(reconnected);
                break;
        }
    }

    /// <summary>Reconnects all disconnected nodes, and starts a node if no node exists.</summary>
    public async Task ReconnectAll(Func<Task<(TestNode Node, FaultyStorage Storage)>> startNode)
    {
        foreach (var reconnected in _disconnected)
            reconnected.Storage.Reconnect();
        _connected.AddRange(_disconnected);
        _disconnected.Clear();
        if (_connected.Count == 0)
            _connected.Add(await startNode());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, storage) in _connected.Concat(_disconnected))
        {
            storage.Reconnect();
            await node.DisposeAsync();
        }
    }

    private (TestNode Node, FaultyStorage Storage) Take(List<(TestNode Node, FaultyStorage Storage)> nodes)
    {
        var node = nodes[_random.Next(nodes.Count)];
        nodes.Remove(node);
        return node;
    }
}
