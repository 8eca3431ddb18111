using System.Globalization;

namespace Millrace.Auditing;

/// <summary>
/// Records the use of the keys in a key store. A read for use is a read by id or by owner: the caller then unwraps the
/// key, and keeps it in memory for a limited time.
/// </summary>
internal sealed class AuditedKeyStore(IKeyStore store, KeyUseLog uses) : IKeyStore
{
    public string Description => store.Description;

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) => store.Open(cancellationToken);

    public async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var found = await store.Find(ids, cancellationToken).ConfigureAwait(false);
        foreach (var key in found)
            Read(key);
        return found;
    }

    public async ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        var found = await store.FindCurrent(owner, cancellationToken).ConfigureAwait(false);
        if (found is not null)
            Read(found);
        return found;
    }

    public async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        var stored = await store.Add(key, cancellationToken).ConfigureAwait(false);
        if (stored.Id == key.Id)
            uses.Record(new KeyUse(KeyUse.Created, key.Owner, $"key {key.Id}"));
        else
            Read(stored);
        return stored;
    }

    public async ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        var isReplaced = await store.Replace(key, replacedId, cancellationToken).ConfigureAwait(false);
        if (isReplaced)
            uses.Record(new KeyUse(KeyUse.Replaced, key.Owner, $"key {replacedId} by key {key.Id}"));
        return isReplaced;
    }

    public async ValueTask<bool> Rewrap(
        KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        var isRewrapped = await store.Rewrap(key, formerMasterKeyId, cancellationToken).ConfigureAwait(false);
        if (isRewrapped)
            uses.Record(
                new KeyUse(
                    KeyUse.Rewrapped,
                    key.Owner,
                    $"key {key.Id}: master key {formerMasterKeyId} by {key.MasterKeyId}"));
        return isRewrapped;
    }

    public async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var destroyed = await store.Destroy(owner, at, cancellationToken).ConfigureAwait(false);
        var ids = destroyed.Count == 0 ? "no keys" : $"keys {string.Join(' ', destroyed)}";
        uses.Record(new KeyUse(KeyUse.Destroyed, owner, ids));
        return destroyed;
    }

    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        store.List(query, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private void Read(KeyRecord key)
    {
        if (key.State != KeyState.Destroyed)
            uses.Record(
                new KeyUse(
                    KeyUse.Read,
                    key.Owner,
                    string.Create(CultureInfo.InvariantCulture, $"key {key.Id}, created {key.CreatedAt:u}")));
    }
}
