using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Passes instances from the event router to the runner, which then does not need to read them again. Thread-safe.
/// </summary>
/// <remarks>
/// Code that reads and changes an instance writes the document of the instance in its first commit. If the document
/// still has the version of the kept instance, the instance has not changed since.
/// </remarks>
internal sealed class InstanceHandoff
{
    /// <summary>The maximum number of instances; others are read from the store.</summary>
    public const int MaxCount = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ProcessInstance Instance, long DocumentVersion)> _byId = new(
        StringComparer.Ordinal);

    /// <summary>
    /// Keeps a committed instance if it is due immediately and the maximum is not reached. Replaces an earlier copy.
    /// </summary>
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
    /// Removes and returns the instance of a document. Returns null if the instance is not kept, or if the document is
    /// not from the same commit.
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
    /// Removes an instance that the runner has advanced. The router may have added a copy during the run. If the
    /// instance is no longer due, the runner would never take this copy.
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
