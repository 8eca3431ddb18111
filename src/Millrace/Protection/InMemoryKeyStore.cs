using System.Security.Cryptography;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>A key store in memory.</summary>
internal sealed class InMemoryKeyStore : IKeyStore
{
    private readonly Data _data;
    private volatile bool _isDisposed;

    public InMemoryKeyStore()
        : this(new Data())
    {
    }

    private InMemoryKeyStore(Data data) => _data = data;

    public string Description => "keys in memory";

    /// <summary>Returns another key store with the same keys, which remain when either is disposed.</summary>
    public InMemoryKeyStore OpenAnother() => new(_data);

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        return new(_data.Identity);
    }

    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        Check(cancellationToken);
        lock (_data)
            return new([.. ids.Distinct().Select(id => Keys.GetValueOrDefault(id)).OfType<KeyRecord>()]);
    }

    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        Check(cancellationToken);
        lock (_data)
            return new(FindCurrent(owner));
    }

    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_data)
            return new(FindCurrent(key.Owner) ?? (Keys[key.Id] = key));
    }

    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_data)
        {
            if (FindCurrent(key.Owner) is not { State: KeyState.Active } current || current.Id != replacedId)
                return new(false);
            Keys[replacedId] = current with { State = KeyState.Retired };
            Keys[key.Id] = key;
            return new(true);
        }
    }

    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        Check(cancellationToken);
        lock (_data)
        {
            if (Keys.GetValueOrDefault(key.Id) is not { } stored
                || stored.State == KeyState.Destroyed
                || stored.MasterKeyId != formerMasterKeyId)
                return new(false);
            Keys[key.Id] = stored with { Wrapped = key.Wrapped, MasterKeyId = key.MasterKeyId };
            return new(true);
        }
    }

    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(owner.Subject, nameof(owner));
        Check(cancellationToken);
        lock (_data)
        {
            var found = Keys.Values.Where(key => IsOf(key, owner) && key.State != KeyState.Destroyed).ToArray();
            foreach (var key in found)
            {
                Keys[key.Id] = key with
                {
                    State = KeyState.Destroyed,
                    Wrapped = default,
                    MasterKeyId = "",
                    DestroyedAt = at,
                };
            }
            if (!Keys.Values.Any(key => key.Owner == owner && key.State == KeyState.Destroyed))
            {
                var id = KeyIds.New();
                Keys[id] = new KeyRecord
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
        Check(cancellationToken);
        lock (_data)
        {
            return new([.. Keys.Values
                .Where(key => query.Tenant is null || key.Owner.Tenant == query.Tenant)
                .Where(key => query.Subject is null || key.Owner.Subject == query.Subject)
                .Where(key => query.ExceptMasterKeyId is not { } except
                    || (key.State != KeyState.Destroyed && key.MasterKeyId != except))
                .Where(key => string.CompareOrdinal(key.Id, query.After) > 0)
                .Take(query.Limit)]);
        }
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    private SortedDictionary<string, KeyRecord> Keys => _data.Keys;

    private static bool IsOf(KeyRecord key, KeyOwner owner) =>
        key.Owner == owner
        || (owner.Kind == KeyOwner.AllKinds
            && key.Owner.Tenant == owner.Tenant && key.Owner.Subject == owner.Subject);

    private KeyRecord? FindCurrent(KeyOwner owner)
    {
        var own = Keys.Values.Where(key => key.Owner == owner).ToArray();
        return Array.Find(own, key => key.State == KeyState.Active)
            ?? Array.Find(own, key => key.State == KeyState.Destroyed)
            ?? (owner.Subject.Length == 0
                ? null
                : Keys.Values.FirstOrDefault(key => key.Owner == owner with { Kind = KeyOwner.AllKinds }));
    }

    private void Check(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isDisposed)
            throw new KeyStoreException("The key store is closed.", StorageProblem.Closed);
    }

    private sealed class Data
    {
        public SortedDictionary<string, KeyRecord> Keys { get; } = new(StringComparer.Ordinal);

        public KeyStoreIdentity Identity { get; } =
            new(new Guid(RandomNumberGenerator.GetBytes(16)), RandomNumberGenerator.GetBytes(32));
    }
}
