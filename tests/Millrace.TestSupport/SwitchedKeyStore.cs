namespace Millrace.TestSupport;

/// <summary>A key store whose content is replaced while programs use it, as by the restore of a backup.</summary>
internal sealed class SwitchedKeyStore(IKeyStore original) : IKeyStore
{
    private IKeyStore? _restored;

    /// <summary>Sets the content; the original one before.</summary>
    public IKeyStore Current
    {
        get => _restored ?? original;
        set => _restored = value;
    }

    public string Description => Current.Description;

    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) => original.Open(cancellationToken);

    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => Current.Find(ids, cancellationToken);

    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
        Current.FindCurrent(owner, cancellationToken);

    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        Current.Add(key, cancellationToken);

    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken) =>
        Current.Replace(key, replacedId, cancellationToken);

    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
        Current.Rewrap(key, formerMasterKeyId, cancellationToken);

    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
        Current.Destroy(owner, at, cancellationToken);

    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        Current.List(query, cancellationToken);

    public ValueTask DisposeAsync() => Current.DisposeAsync();
}
