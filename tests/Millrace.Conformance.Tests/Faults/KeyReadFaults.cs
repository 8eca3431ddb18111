using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>Returns another identity.</summary>
internal sealed class ChangesTheIdentity(InMemoryKeyStore inner, Func<KeyStoreIdentity, KeyStoreIdentity> change)
    : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) =>
        change(await Inner.Open(cancellationToken));
}

/// <summary>Changes the result of a search by ids.</summary>
internal sealed class ChangesFoundKeys(
    InMemoryKeyStore inner, Func<IEnumerable<KeyRecord>, IReadOnlyCollection<string>, IEnumerable<KeyRecord>> change)
    : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        [.. change(await Inner.Find(ids, cancellationToken), ids)];
}

internal sealed class FindsOnlyTheFirstIds(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Inner.Find([.. ids.Take(500)], cancellationToken);
}

internal sealed class CachesCurrentKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly ConcurrentDictionary<string, KeyRecord> _found = new();

    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        _found[key.Id] = await Inner.Add(key, cancellationToken);

    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        [.. (await Inner.Find(ids, cancellationToken)).Select(key => _found.GetValueOrDefault(key.Id, key))];
}

internal sealed class FindsNoRecordForAllKinds(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
        await Inner.FindCurrent(owner, cancellationToken) is { } found && found.Owner == owner ? found : null;
}

/// <summary>Passes another query on.</summary>
internal sealed class ChangesTheKeyQuery(InMemoryKeyStore inner, Func<KeyQuery, KeyQuery> change)
    : FaultyKeyStore(inner)
{
    public override ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        Inner.List(change(query), cancellationToken);
}

/// <summary>Changes a page of a list.</summary>
internal sealed class ChangesListedKeys(
    InMemoryKeyStore inner, Func<IReadOnlyList<KeyRecord>, IEnumerable<KeyRecord>> change) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<KeyRecord>> List(
        KeyQuery query, CancellationToken cancellationToken) =>
        [.. change(await Inner.List(query, cancellationToken))];
}

internal sealed class ListsDestroyedKeysToRewrap(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<KeyRecord>> List(
        KeyQuery query, CancellationToken cancellationToken) =>
    [
        .. (await Inner.List(query with { ExceptMasterKeyId = null, Limit = 1_000 }, cancellationToken))
            .Where(key => query.ExceptMasterKeyId is null || key.MasterKeyId != query.ExceptMasterKeyId)
            .Take(query.Limit),
    ];
}

internal sealed class SortsKeysByCase(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<KeyRecord>> List(
        KeyQuery query, CancellationToken cancellationToken) =>
        [.. (await Inner.List(query, cancellationToken)).OrderBy(key => key.Id, StringComparer.OrdinalIgnoreCase)];
}

internal sealed class HasNoDescription(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override string Description => "";
}
