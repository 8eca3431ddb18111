using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>A key store in memory.</summary>
internal sealed class InMemoryKeyStore : IKeyStore
{
    private readonly InMemoryKeys _keys; // Also the lock.
    private volatile bool _isDisposed;

    public InMemoryKeyStore()
        : this(new InMemoryKeys())
    {
    }

    private InMemoryKeyStore(InMemoryKeys keys) => _keys = keys;

    public string Description => "keys in memory";

    /// <summary>Returns another key store with the same keys, which remain when either is disposed.</summary>
    public InMemoryKeyStore OpenAnother() => new(_keys);

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return new(_keys.Identity);
    }

    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Check(cancellationToken);
        lock (_keys)
            return new([.. ids.Distinct().Select(_keys.Find).OfType<KeyRecord>()]);
    }

    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        lock (_keys)
            return new(FindCurrent(owner));
    }

    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_keys)
        {
            if (FindCurrent(key.Owner) is { } current)
                return new(current);
            _keys.Set(key);
            return new(key);
        }
    }

    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_keys)
        {
            if (FindCurrent(key.Owner) is not { State: KeyState.Active } current || current.Id != replacedId)
                return new(false);
            _keys.Set(current with { State = KeyState.Retired });
            _keys.Set(key);
            return new(true);
        }
    }

    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_keys)
        {
            if (_keys.Find(key.Id) is not { } stored
                || stored.State == KeyState.Destroyed
                || stored.MasterKeyId != formerMasterKeyId)
                return new(false);
            _keys.Set(stored with { Wrapped = key.Wrapped, MasterKeyId = key.MasterKeyId });
            return new(true);
        }
    }

    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(owner.Subject, nameof(owner));
        Check(cancellationToken);
        lock (_keys)
        {
            var own = _keys.OfSubject(owner.Tenant, owner.Subject).Where(key => IsOf(key, owner)).ToArray();
            var found = Array.FindAll(own, static key => key.State != KeyState.Destroyed);
            foreach (var key in found)
            {
                _keys.Set(key with
                {
                    State = KeyState.Destroyed,
                    Wrapped = default,
                    MasterKeyId = "",
                    DestroyedAt = at,
                });
            }
            if (!Array.Exists(own, key => key.Owner == owner)) // All of them are destroyed now.
            {
                _keys.Set(new KeyRecord
                {
                    Id = KeyIds.New(),
                    Owner = owner,
                    State = KeyState.Destroyed,
                    CreatedAt = at,
                    DestroyedAt = at,
                });
            }
            return new([.. found.Select(key => key.Id)]);
        }
    }

    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Check(cancellationToken);
        lock (_keys)
        {
            var keys = query is { Tenant: { } tenant, Subject: { } subject }
                ? _keys.OfSubject(tenant, subject).Where(key => string.CompareOrdinal(key.Id, query.After) > 0)
                : _keys.After(query.After);
            return new([.. keys
                .Where(key => query.Tenant is null || key.Owner.Tenant == query.Tenant)
                .Where(key => query.Subject is null || key.Owner.Subject == query.Subject)
                .Where(key => query.ExceptMasterKeyId is not { } except
                    || (key.State != KeyState.Destroyed && key.MasterKeyId != except))
                .Take(query.Limit)]);
        }
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns whether a key of the same subject belongs to an owner.</summary>
    private static bool IsOf(KeyRecord key, KeyOwner owner) =>
        owner.Kind == KeyOwner.AllKinds || key.Owner == owner;

    private KeyRecord? FindCurrent(KeyOwner owner)
    {
        var all = _keys.OfSubject(owner.Tenant, owner.Subject).ToArray();
        var own = Array.FindAll(all, key => key.Owner == owner);
        return Array.Find(own, key => key.State == KeyState.Active)
            ?? Array.Find(own, key => key.State == KeyState.Destroyed)
            ?? (owner.Subject.Length == 0
                ? null
                : Array.Find(all, static key => key.Owner.Kind == KeyOwner.AllKinds));
    }

    private void Check(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isDisposed)
            throw new KeyStoreException("The key store is closed.", StorageProblem.Closed);
    }
}
