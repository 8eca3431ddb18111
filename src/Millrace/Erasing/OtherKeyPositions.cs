using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>
/// The events with values of a subject under keys that are not the subject's keys: keys that the key store does not
/// contain, or keys of other owners, for example because the kind of data of a member was changed.
/// </summary>
/// <param name="ring">The keys.</param>
internal sealed class OtherKeyPositions(KeyRing ring)
{
    private readonly Dictionary<long, IReadOnlyList<string>> _ids = [];
    private readonly HashSet<long> _lost = [];
    private readonly HashSet<long> _ofOtherOwners = [];

    /// <summary>Gets the positions of events with a key that the key store does not contain.</summary>
    public IReadOnlySet<long> Lost => _lost;

    /// <summary>Gets the positions of events with a key of another owner that is not destroyed.</summary>
    public IReadOnlySet<long> OfOtherOwners => _ofOtherOwners;

    public bool Contains(long position) => _ids.ContainsKey(position);

    /// <summary>Sets the ids of the other keys of an event. If it is read again, its keys can be known.</summary>
    public void Set(long position, IReadOnlyList<string> ids)
    {
        if (ids.Count > 0)
            _ids[position] = ids;
        else
            _ids.Remove(position);
    }

    /// <summary>Looks the keys up in the key store.</summary>
    public async ValueTask Resolve(CancellationToken cancellationToken)
    {
        _lost.Clear();
        _ofOtherOwners.Clear();
        var states = new Dictionary<string, KeyState>(StringComparer.Ordinal);
        var all = _ids.Values.SelectMany(ids => ids).Distinct(StringComparer.Ordinal);
        await foreach (var record in ring.FindRecords(all, cancellationToken).ConfigureAwait(false))
            states[record.Id] = record.State;
        foreach (var (position, ids) in _ids)
        {
            if (ids.Any(id => states.TryGetValue(id, out var state) && state != KeyState.Destroyed))
                _ofOtherOwners.Add(position);
            else if (!ids.All(states.ContainsKey))
                _lost.Add(position);
        }
    }
}
