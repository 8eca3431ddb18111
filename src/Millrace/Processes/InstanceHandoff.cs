using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The instances that events were just taken over into, so that who goes on with them need not read them again. Safe to
/// use from several threads.
/// </summary>
/// <remarks>
/// Who has read an instance writes its document with the first commit: one that still has the version of this commit
/// tells that nobody else has gone on with it since.
/// </remarks>
internal sealed class InstanceHandoff
{
    /// <summary>More than wait until somebody goes on with them; what is not kept is read.</summary>
    public const int MaxCount = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (ProcessInstance Instance, long DocumentVersion)> _byId = new(
        StringComparer.Ordinal);

    /// <summary>Keeps an instance as it was committed when there is something to be done for it at once, and never an
    /// older one.</summary>
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

    /// <summary>Hands an instance out, once; null when it is not kept, or its document is not of the same
    /// commit.</summary>
    public ProcessInstance? Take(Document document)
    {
        lock (_lock)
        {
            return _byId.Remove(document.Key, out var kept) && kept.DocumentVersion == document.Version
                ? kept.Instance
                : null;
        }
    }

    /// <summary>Forgets an instance that was taken further: what was kept meanwhile may not be due, and nobody asks for
    /// it then.</summary>
    public void Forget(string id)
    {
        lock (_lock)
            _byId.Remove(id);
    }

    /// <summary>Forgets all: others go on with them.</summary>
    public void Clear()
    {
        lock (_lock)
            _byId.Clear();
    }
}
