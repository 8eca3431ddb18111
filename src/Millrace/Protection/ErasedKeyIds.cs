using System.Collections.Concurrent;

namespace Millrace.Protection;

/// <summary>
/// The ids of the keys that erasures destroyed, as the log names them. Values under these keys are erased for readers,
/// even if the key store contains the keys again because an old backup was restored while programs run. Thread-safe.
/// </summary>
internal sealed class ErasedKeyIds
{
    private readonly ConcurrentDictionary<string, bool> _ids = new(StringComparer.Ordinal);

    public bool Contains(string id) => _ids.ContainsKey(id);

    public void Add(IEnumerable<string> ids)
    {
        foreach (var id in ids)
            _ids[id] = true;
    }
}
