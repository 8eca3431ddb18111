using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// The data keys that this process uses. Reads them from the key store, unwraps them, and keeps them in memory for a
/// limited time. Thread-safe.
/// </summary>
internal sealed class KeyRing(
    IKeyStore store, IReadOnlyList<IMasterKey> masterKeys, TimeSpan cacheTime, TimeProvider time) : IAsyncDisposable
{
    private const int MaxIdsPerRequest = 500;

    // An expired key is not used, and is removed at the next sweep.
    private const int SweepsPerCacheTime = 4;

    /// <summary>The maximum number of keys in memory. Above it, all are read again when they are needed.</summary>
    public const int MaxKeys = 100_000;

    private readonly ConcurrentDictionary<KeyOwner, (DataKey Key, long LoadedAt)> _current = new();
    private readonly ConcurrentDictionary<string, (DataKey Key, long LoadedAt)> _byId = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _opening = new(1);
    private readonly ConcurrentDictionary<string, bool> _lost = new(StringComparer.Ordinal);
    private volatile KeyStoreIdentity? _identity;
    private readonly DataKeyWrapping _wrapping = new(store, masterKeys, time);
    private ITimer? _sweeper;
    private long _generation; // Incremented each time keys are forgotten.

    public string Description => store.Description;

    public IReadOnlyList<IMasterKey> MasterKeys => masterKeys;

    /// <summary>Gets the number of keys in memory.</summary>
    public int KeysInMemory => _byId.Count;

    /// <summary>Gets the number of ciphers that the keys in memory keep for reuse.</summary>
    public int IdleCiphers => _wrapping.IdleCiphers;

    /// <summary>Gets the owners whose keys are destroyed, whatever the key store contains.</summary>
    public ErasedOwners Erased { get; } = new();

    /// <summary>Opens the key store and checks that the master keys are the right ones.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used, or no master key unwraps its keys.</exception>
    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) =>
        Open(checksMasterKeys: true, cancellationToken);

    /// <summary>Opens the key store. Without the check of master keys, each key can be checked separately.</summary>
    public async ValueTask<KeyStoreIdentity> Open(bool checksMasterKeys, CancellationToken cancellationToken)
    {
        if (_identity is { } known)
            return known;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_identity is { } opened)
                return opened;
            var identity = await store.Open(cancellationToken).ConfigureAwait(false);
            foreach (var masterKey in masterKeys)
                await masterKey.Open(identity, cancellationToken).ConfigureAwait(false);
            if (checksMasterKeys)
                await CheckMasterKeys(cancellationToken).ConfigureAwait(false);
            var interval = cacheTime / SweepsPerCacheTime;
            _sweeper ??= time.CreateTimer(
                static ring => ((KeyRing)ring!).RemoveExpired(), this, interval, interval);
            return _identity = identity;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Returns the key that encrypts new values of an owner; null if the key is not in memory.</summary>
    public DataKey? FindCurrent(KeyOwner owner) =>
        _current.TryGetValue(owner, out var entry) && IsFresh(entry.LoadedAt) ? entry.Key : null;

    /// <summary>Reads the key that encrypts new values of an owner. Creates the key if there is none.</summary>
    /// <returns>The key. It is destroyed if the data of the owner was erased.</returns>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<DataKey> GetCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        if (FindCurrent(owner) is { } known)
            return known;
        if (Erased.Contains(owner))
            return new DataKey("", null); // A restored key store can contain an active key, or none.
        var generation = Interlocked.Read(ref _generation);
        var record = await store.FindCurrent(owner, cancellationToken).ConfigureAwait(false);
        if (record is null)
        {
            var created = await _wrapping.Create(owner, cancellationToken).ConfigureAwait(false);
            record = await store.Add(created, cancellationToken).ConfigureAwait(false);
        }
        var key = await Unwrap(record, cancellationToken).ConfigureAwait(false);
        var now = time.GetTimestamp();
        Keep(generation, [key], () =>
        {
            key = KeepById(key, now);
            KeepCurrent(owner, key, now);
        });
        return key;
    }

    /// <summary>Returns a key by its id; null if the key is not in memory.</summary>
    public DataKey? Find(string id) =>
        _byId.TryGetValue(id, out var entry) && IsFresh(entry.LoadedAt) ? entry.Key : null;

    /// <summary>Reads keys by their ids. Ids that the key store does not contain are omitted.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<DataKey>> Load(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var generation = Interlocked.Read(ref _generation);
        var records = await store.Find(ids, cancellationToken).ConfigureAwait(false);
        var loaded = new DataKey[records.Count];
        for (var i = 0; i < loaded.Length; i++)
            loaded[i] = await Unwrap(records[i], cancellationToken).ConfigureAwait(false);
        if (records.Count < ids.Count && !_lost.IsEmpty)
            loaded = [.. loaded, .. ids.Where(_lost.ContainsKey).Select(static id => new DataKey(id, null))];
        var now = time.GetTimestamp();
        Keep(generation, loaded, () =>
        {
            for (var i = 0; i < records.Count; i++)
            {
                loaded[i] = KeepById(loaded[i], now);
                // A consumer that read an event soon writes a document of the same subject.
                if (records[i].State == KeyState.Active)
                    KeepCurrent(records[i].Owner, loaded[i], now);
            }
        });
        return loaded;
    }

    /// <summary>
    /// Reads keys as the key store contains them, also those of erased owners. The keys are not kept in memory. The
    /// caller forgets them after it has used them.
    /// </summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<DataKey>> LoadStored(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var records = await store.Find(ids, cancellationToken).ConfigureAwait(false);
        var loaded = new DataKey[records.Count];
        for (var i = 0; i < loaded.Length; i++)
            loaded[i] = await _wrapping.Unwrap(records[i], cancellationToken).ConfigureAwait(false);
        return loaded;
    }

    /// <summary>
    /// Treats a key as destroyed that the key store does not contain, because the log declares it lost.
    /// </summary>
    public void TreatAsDestroyed(string id) => _lost[id] = true;

    /// <summary>
    /// Reads the records of keys by their ids, in all states, with as many requests as needed. Unknown ids are omitted.
    /// </summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async IAsyncEnumerable<KeyRecord> FindRecords(
        IEnumerable<string> ids, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var part in ids.Chunk(MaxIdsPerRequest))
        {
            foreach (var record in await store.Find(part, cancellationToken).ConfigureAwait(false))
                yield return record;
        }
    }

    /// <summary>Reads all records of keys that match a query, page by page.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async IAsyncEnumerable<KeyRecord> ReadRecords(
        KeyQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await store.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var record in page)
                yield return record;
            if (page.Count < query.Limit)
                yield break;
            query = query with { After = page[^1].Id };
        }
    }

    /// <summary>Lists a page of the records of keys in all states.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        store.List(query, cancellationToken);

    /// <summary>Returns the problem of a key that cannot be unwrapped; null for no problem.</summary>
    /// <exception cref="KeyStoreException">The master key cannot be used.</exception>
    public async ValueTask<string?> FindProblem(KeyRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await _wrapping.Unwrap(record, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (KeyStoreException exception) when (exception.Problem == StorageProblem.Damaged)
        {
            return exception.Message;
        }
    }

    /// <summary>Forgets all keys, for example after keys were destroyed. They are read again when needed.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        Remove(static _ => true);
    }

    /// <summary>Destroys the keys of an owner in the key store, and forgets the keys in memory.</summary>
    public async ValueTask<IReadOnlyList<string>> Destroy(KeyOwner owner, CancellationToken cancellationToken)
    {
        try
        {
            return await store.Destroy(owner, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Forget(); // Also after an error, because the keys may be destroyed.
        }
    }

    /// <summary>Wraps a page of keys that a former master key wrapped with the current one.</summary>
    /// <param name="after">The last id of the previous page; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the operation between two keys.</param>
    /// <returns>The number of keys, and the last id of the page; null if there are no more keys.</returns>
    public async ValueTask<(int Rewrapped, string? Last)> Rewrap(string? after, CancellationToken cancellationToken)
    {
        var current = masterKeys[0];
        var query = new KeyQuery { ExceptMasterKeyId = current.Id, After = after };
        var page = await store.List(query, cancellationToken).ConfigureAwait(false);
        var count = 0;
        foreach (var record in page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rewrapped = await _wrapping.Rewrap(record, cancellationToken).ConfigureAwait(false);
            if (await store.Rewrap(rewrapped, record.MasterKeyId, cancellationToken).ConfigureAwait(false))
                count++;
        }
        return (count, page.Count == 0 ? null : page[^1].Id);
    }

    /// <summary>Creates a new key for the new values of an owner. The former key only decrypts.</summary>
    /// <returns>False if the owner has no active key, or was erased.</returns>
    public async ValueTask<bool> Replace(KeyOwner owner, CancellationToken cancellationToken)
    {
        if (Erased.Contains(owner))
            return false;
        var found = await store.FindCurrent(owner, cancellationToken).ConfigureAwait(false);
        if (found is not { State: KeyState.Active } current)
            return false;
        var key = await _wrapping.Create(owner, cancellationToken).ConfigureAwait(false);
        try
        {
            return await store.Replace(key, current.Id, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Forget();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_sweeper is { } sweeper)
            await sweeper.DisposeAsync().ConfigureAwait(false);
        Forget();
        await store.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }

    private bool IsFresh(long loadedAt) => time.GetElapsedTime(loadedAt) < cacheTime;

    /// <summary>
    /// Keeps keys in memory, unless keys were forgotten while they were read. They may be destroyed in the meantime.
    /// </summary>
    private void Keep(long generation, DataKey[] read, Action add)
    {
        if (Interlocked.Read(ref _generation) != generation)
        {
            foreach (var key in read)
                key.Forget(); // The caller uses the key once.
            return;
        }
        if (_byId.Count > MaxKeys || _current.Count > MaxKeys)
            Remove(static _ => true);
        add();
        if (Interlocked.Read(ref _generation) != generation)
            Forget(); // Keys were forgotten between the check and the addition.
    }

    /// <summary>Removes expired keys from memory.</summary>
    private void RemoveExpired() => Remove(loadedAt => !IsFresh(loadedAt));

    /// <summary>
    /// Keeps a key by its id. If the same key is in memory, callers that read it at the same time share its ciphers.
    /// </summary>
    /// <returns>The key in memory.</returns>
    private DataKey KeepById(DataKey key, long loadedAt)
    {
        DataKey? replaced = null;
        var kept = _byId.AddOrUpdate(
            key.Id,
            _ =>
            {
                replaced = null;
                return (key, loadedAt);
            },
            (_, former) =>
            {
                var isSame = former.Key.IsSameAs(key);
                replaced = isSame ? null : former.Key;
                return (isSame ? former.Key : key, loadedAt);
            });
        replaced?.Forget();
        return kept.Key;
    }

    private void KeepCurrent(KeyOwner owner, DataKey key, long loadedAt)
    {
        // A former key with another id is also kept by its id, and still decrypts.
        if (_current.TryGetValue(owner, out var former) && former.Key.Id == key.Id && !ReferenceEquals(former.Key, key))
            former.Key.Forget();
        _current[owner] = (key, loadedAt);
    }

    private void Remove(Func<long, bool> removes)
    {
        Remove(_current, removes);
        Remove(_byId, removes);
    }

    private static void Remove<TName>(
        ConcurrentDictionary<TName, (DataKey Key, long LoadedAt)> keys, Func<long, bool> removes)
        where TName : notnull
    {
        foreach (var (name, entry) in keys)
        {
            if (removes(entry.LoadedAt) && keys.TryRemove(name, out var removed))
                removed.Key.Forget();
        }
    }

    /// <summary>Unwraps a key, unless its owner was erased.</summary>
    private ValueTask<DataKey> Unwrap(KeyRecord record, CancellationToken cancellationToken) =>
        Erased.Contains(record.Owner)
            ? new ValueTask<DataKey>(new DataKey(record.Id, null))
            : _wrapping.Unwrap(record, cancellationToken);

    /// <summary>
    /// Checks one key, so that a wrong passphrase is an error at the start and not at the first event.
    /// </summary>
    private async ValueTask CheckMasterKeys(CancellationToken cancellationToken)
    {
        var records = ReadRecords(new KeyQuery { Limit = 1_000 }, cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            if (record.State == KeyState.Destroyed)
                continue;
            await _wrapping.Unwrap(record, cancellationToken).ConfigureAwait(false);
            return;
        }
    }
}
