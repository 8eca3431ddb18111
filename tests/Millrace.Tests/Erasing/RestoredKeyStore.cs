namespace Millrace.Tests.Erasing;

/// <summary>A key store with the identity of another one, as after the restore of a backup.</summary>
internal sealed class RestoredKeyStore(IKeyStore inner, IKeyStore original) : IKeyStore
{
    public string Description => inner.Description;

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) => original.Open(cancellationToken);

    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => inner.Find(ids, cancellationToken);

    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
        inner.FindCurrent(owner, cancellationToken);

    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        inner.Add(key, cancellationToken);

    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken) =>
        inner.Replace(key, replacedId, cancellationToken);

    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
        inner.Rewrap(key, formerMasterKeyId, cancellationToken);

    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
        inner.Destroy(owner, at, cancellationToken);

    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        inner.List(query, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
