using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Keeps instances of the event router for the runner, which then does not need to read them again. Thread-safe.
/// </summary>
/// <remarks>
/// Each writer of an instance writes its document in its first commit. If the document still has the version of this
/// commit, the instance has not changed after it.
/// </remarks>
internal sealed class InstanceHandoff
{
    /// <summary>The maximum number of instances; others are read from the store.</summary>
    public const int MaxCount = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ProcessInstance Instance, long DocumentVersion)> _byId = new(
        StringComparer.Ordinal);

    /// <summary>Keeps a committed instance if it is due immediately, unless a newer one is kept.</summary>
    public void Keep(ProcessInstance instance, long documentVersion)
    {
        var isDue = documentVersion != 0 && instance.IsUnderWay;
        lock (_lock)
        {
            _byId.Remove(instance.Id);
            if (isDue && _byId.Count < MaxCount)
                _byId.Add(instance.Id, (instance, documentVersion));
        }
    }

    /// <summary>
    /// Removes and returns an instance. Returns null if it is not kept, or if its document is not from the same commit.
    /// </summary>
    public ProcessInstance? Take(Document document)
    {
        lock (_lock)
        {
            return _byId.Remove(document.Key, out var found) && found.DocumentVersion == document.Version
                ? found.Instance
                : null;
        }
    }

    /// <summary>
    /// Removes an instance that the runner has advanced. A copy that was added during the run may not be due, and would
    /// never be removed.
    /// </summary>
    public void Forget(string id)
    {
        lock (_lock)
            _byId.Remove(id);
    }

    /// <summary>Removes all instances, because another node continues with them.</summary>
    public void Clear()
    {
        lock (_lock)
            _byId.Clear();
    }
}
