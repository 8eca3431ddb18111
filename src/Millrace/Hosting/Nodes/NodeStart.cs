namespace Millrace.Hosting.Nodes;

/// <summary>Whether the store is open, and the services that run on it have started.</summary>
internal sealed class NodeStart
{
    private volatile bool _isComplete;

    public bool IsComplete => _isComplete;

    public void Complete() => _isComplete = true;
}
