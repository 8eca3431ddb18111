using Millrace.Protection;

namespace Millrace.KeyManagement;

/// <summary>Finds the replaced data keys among the keys of stored values. Not thread-safe.</summary>
/// <param name="keys">The keys.</param>
/// <param name="subject">The data subject of the keys; null for all.</param>
internal sealed class ReplacedKeys(KeyRing keys, string? subject)
{
    private const int MaxKnown = 20_000;

    private readonly Dictionary<string, KeyRecord?> _known = new(StringComparer.Ordinal); // Null for other keys.

    /// <summary>Reads the records of keys that are not known yet.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask Load(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        if (_known.Count > MaxKnown)
            _known.Clear();
        var unknown = ids.Where(id => !_known.ContainsKey(id)).ToHashSet(StringComparer.Ordinal);
        await foreach (var record in keys.FindRecords(unknown, cancellationToken).ConfigureAwait(false))
        {
            var isReplaced = record.State == KeyState.Retired && (subject is null || record.Owner.Subject == subject);
            _known[record.Id] = isReplaced ? record : null;
        }
        foreach (var id in unknown)
            _known.TryAdd(id, null);
    }

    /// <summary>Returns the record of a replaced key; null for another key.</summary>
    public KeyRecord? Find(string id) => _known.GetValueOrDefault(id);
}
