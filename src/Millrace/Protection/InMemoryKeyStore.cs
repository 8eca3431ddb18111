using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>A key store in memory.</summary>
internal sealed class InMemoryKeyStore : IKeyStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, KeyRecord> _keys = new(StringComparer.Ordinal);
    private readonly KeyStoreIdentity _identity =
        new(new Guid(RandomNumberGenerator.GetBytes(16)), RandomNumberGenerator.GetBytes(32));

    public string Description => "keys in memory";

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) => new(_identity);

    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        lock (_lock)
            return new([.. ids.Distinct().Select(id => _keys.GetValueOrDefault(id)).OfType<KeyRecord>()]);
    }

    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        lock (_lock)
            return new(FindCurrent(owner));
    }

    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
            return new(FindCurrent(key.Owner) ?? (_keys[key.Id] = key));
    }

    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            if (FindCurrent(key.Owner) is not { State: KeyState.Active } current || current.Id != replacedId)
                return new(false);
            _keys[replacedId] = current with { State = KeyState.Retired };
            _keys[key.Id] = key;
            return new(true);
        }
    }

    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            if (_keys.GetValueOrDefault(key.Id) is not { } stored
                || stored.State == KeyState.Destroyed
                || stored.MasterKeyId != formerMasterKeyId)
                return new(false);
            _keys[key.Id] = stored with { Wrapped = key.Wrapped, MasterKeyId = key.MasterKeyId };
            return new(true);
        }
    }

    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(owner.Subject, nameof(owner));
        lock (_lock)
        {
            var found = _keys.Values.Where(key => IsOf(key, owner) && key.State != KeyState.Destroyed).ToArray();
            foreach (var key in found)
            {
                _keys[key.Id] = key with
                {
                    State = KeyState.Destroyed,
                    Wrapped = default,
                    MasterKeyId = "",
                    DestroyedAt = at,
                };
            }
            if (!_keys.Values.Any(key => key.Owner == owner && key.State == KeyState.Destroyed))
            {
                var id = KeyIds.New();
                _keys[id] = new KeyRecord
                {
                    Id = id,
                    Owner = owner,
                    State = KeyState.Destroyed,
                    CreatedAt = at,
                    DestroyedAt = at,
                };
            }
            return new([.. found.Select(key => key.Id)]);
        }
    }

    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
        {
            return new([.. _keys.Values
                .Where(key => query.Tenant is null || key.Owner.Tenant == query.Tenant)
                .Where(key => query.Subject is null || key.Owner.Subject == query.Subject)
                .Where(key => query.ExceptMasterKeyId is not { } except
                    || (key.State != KeyState.Destroyed && key.MasterKeyId != except))
                .Where(key => string.CompareOrdinal(key.Id, query.After) > 0)
                .Take(query.Limit)]);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool IsOf(KeyRecord key, KeyOwner owner) =>
        key.Owner == owner
        || (owner.Kind == KeyOwner.AllKinds
            && key.Owner.Tenant == owner.Tenant && key.Owner.Subject == owner.Subject);

    private KeyRecord? FindCurrent(KeyOwner owner)
    {
        var own = _keys.Values.Where(key => key.Owner == owner).ToArray();
        return Array.Find(own, key => key.State == KeyState.Active)
            ?? Array.Find(own, key => key.State == KeyState.Destroyed)
            ?? (owner.Subject.Length == 0
                ? null
                : _keys.Values.FirstOrDefault(key => key.Owner == owner with { Kind = KeyOwner.AllKinds }));
    }
}
