
namespace Millrace.Tests;

/// <summary>Nodes that join, leave, are cut off from their storage and come back, chosen by a fixed seed.</summary>
internal sealed class ScheduledNodes : IAsyncDisposable
{
    private const int MaxNodes = 4;

    private readonly Random _random = new(1);
    private readonly List<(TestNode Node, FaultyStorage Way)> _connected = [];
    private readonly List<(TestNode Node, FaultyStorage Way)> _cutOff = [];

    /// <summary>The nodes that reach their storage.</summary>
    public IReadOnlyList<(TestNode Node, FaultyStorage Way)> Connected => _connected;

    /// <summary>Takes a step; an impossible step, such as a leave without a node, is skipped.</summary>
    public async Task Do(NodeStep step, Func<Task<(TestNode Node, FaultyStorage Way)>> come)
    {
        switch (step)
        {
            case NodeStep.Come when _connected.Count + _cutOff.Count < MaxNodes:
                _connected.Add(await come());
                break;
            case NodeStep.Go when _connected.Count > 0:
                await Take(_connected).Node.DisposeAsync();
                break;
            case NodeStep.CutOff when _connected.Count > 0:
                var cut = Take(_connected);
                cut.Way.Cut();
                _cutOff.Add(cut);
                break;
            case NodeStep.ComeBack when _cutOff.Count > 0:
                var back = Take(_cutOff);
                back.Way.Restore();
                _connected.Add(back);
                break;
        }
    }

    /// <summary>Reconnects all nodes that are cut off, and starts one if there is none.</summary>
    public async Task Gather(Func<Task<(TestNode Node, FaultyStorage Way)>> come)
    {
        foreach (var back in _cutOff)
            back.Way.Restore();
        _connected.AddRange(_cutOff);
        _cutOff.Clear();
        if (_connected.Count == 0)
            _connected.Add(await come());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, way) in _connected.Concat(_cutOff))
        {
            way.Restore();
            await node.DisposeAsync();
        }
    }

    private (TestNode Node, FaultyStorage Way) Take(List<(TestNode Node, FaultyStorage Way)> from)
    {
        var taken = from[_random.Next(from.Count)];
        from.Remove(taken);
        return taken;
    }
}
