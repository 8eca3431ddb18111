using Millrace.Protection;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>A key store that passes all calls to a correct one. Derived classes have one fault each.</summary>
internal class FaultyKeyStore(InMemoryKeyStore inner) : IKeyStore
{
    public InMemoryKeyStore Inner { get; } = inner;

    public virtual string Description => Inner.Description;

    public virtual ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) =>
        Inner.Open(cancellationToken);

    public virtual ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) => Inner.Find(ids, cancellationToken);

    public virtual ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
        Inner.FindCurrent(owner, cancellationToken);

    public virtual ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        Inner.Add(key, cancellationToken);

    public virtual ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken) =>
        Inner.Replace(key, replacedId, cancellationToken);

    public virtual ValueTask<bool> Rewrap(
        KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
        Inner.Rewrap(key, formerMasterKeyId, cancellationToken);

    public virtual ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
        Inner.Destroy(owner, at, cancellationToken);

    public virtual ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        Inner.List(query, cancellationToken);

    public virtual ValueTask DisposeAsync() => Inner.DisposeAsync();

    /// <summary>Lets concurrent calls run, so that the time between a check and a change is long.</summary>
    protected static async Task LetOthersRun(int turns)
    {
        for (var i = 0; i < turns; i++)
            await Task.Yield();
    }

    /// <summary>Lists all keys, without pages.</summary>
    protected async Task<IReadOnlyList<KeyRecord>> ListAll(CancellationToken cancellationToken) =>
        await Inner.List(new KeyQuery { Limit = 1_000 }, cancellationToken);
}
