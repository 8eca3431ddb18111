using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>
/// The records of a key store in memory, in the order of their ids. Finds the keys of a data subject without a search
/// of all keys. Not thread-safe.
/// </summary>
internal sealed class InMemoryKeys
{
    private readonly Dictionary<string, KeyRecord> _keys = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Tenant, string Subject), List<string>> _bySubject = [];

    public KeyStoreIdentity Identity { get; } =
        new(new Guid(RandomNumberGenerator.GetBytes(16)), RandomNumberGenerator.GetBytes(32));

    public KeyRecord? Find(string id) => _keys.GetValueOrDefault(id);

    /// <summary>Returns the keys of a subject, of all kinds of data, in the order of their ids.</summary>
    public IEnumerable<KeyRecord> OfSubject(string tenant, string subject) =>
        _bySubject.TryGetValue((tenant, subject), out var ids) ? ids.Select(id => _keys[id]) : [];

    /// <summary>Returns the keys with greater ids than an id; all keys for null.</summary>
    public IEnumerable<KeyRecord> After(string? id)
    {
        var ids = id is null ? _ids
            : string.CompareOrdinal(id, _ids.Max) >= 0 ? []
            : _ids.GetViewBetween(id, _ids.Max);
        return ids.Where(other => other != id).Select(other => _keys[other]);
    }

    /// <summary>Adds a key, or replaces the key with the same id, which has the same owner.</summary>
    public void Set(KeyRecord key)
    {
        _keys[key.Id] = key;
        if (!_ids.Add(key.Id))
            return;
        var subject = (key.Owner.Tenant, key.Owner.Subject);
        if (!_bySubject.TryGetValue(subject, out var ids))
            _bySubject[subject] = ids = [];
        ids.Insert(~ids.BinarySearch(key.Id, StringComparer.Ordinal), key.Id);
    }
}
