using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class AddsSecondKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        var added = await Inner.Add(key, cancellationToken);
        return added.Id != key.Id && await Inner.Replace(key, added.Id, cancellationToken) ? key : added;
    }
}

internal sealed class ReturnsTheOfferedKey(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        var added = await Inner.Add(key, cancellationToken);
        return added.State == KeyState.Destroyed ? added : key;
    }
}

internal sealed class ChecksBeforeItAdds(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        if (await Inner.FindCurrent(key.Owner, cancellationToken) is { } found)
            return found;
        await LetOthersRun(1_000);
        var added = await Inner.Add(key, cancellationToken);
        return added.Id != key.Id && await Inner.Replace(key, added.Id, cancellationToken) ? key : added;
    }
}

internal sealed class AddsKeysOfErasedOwners(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        await Inner.Add(key, cancellationToken) is { State: not KeyState.Destroyed } added ? added : key;
}

internal sealed class RoundsKeyTimes(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        Inner.Add(
            key with { CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(key.CreatedAt.ToUnixTimeMilliseconds()) },
            cancellationToken);
}

internal sealed class CutsLongWrappedKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        Inner.Add(key with { Wrapped = key.Wrapped[..Math.Min(key.Wrapped.Length, 255)] }, cancellationToken);
}

/// <summary>Stores changed owners, and returns the owners that the caller gave.</summary>
internal sealed class ConfusesOwners(InMemoryKeyStore inner, Func<KeyOwner, KeyOwner> stored) : FaultyKeyStore(inner)
{
    public override async ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken) =>
        await Inner.FindCurrent(stored(owner), cancellationToken) is { } found ? found with { Owner = owner } : null;

    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        await Inner.Add(key with { Owner = stored(key.Owner) }, cancellationToken) with { Owner = key.Owner };
}

internal sealed class ReplacesAnyKey(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<bool> Replace(
        KeyRecord key, string replacedId, CancellationToken cancellationToken) =>
        await Inner.FindCurrent(key.Owner, cancellationToken) is { } current
        && await Inner.Replace(key, current.Id, cancellationToken);
}

internal sealed class AlwaysReportsReplacements(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<bool> Replace(
        KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        await Inner.Replace(key, replacedId, cancellationToken);
        return await Inner.FindCurrent(key.Owner, cancellationToken) is { State: KeyState.Active };
    }
}

internal sealed class RewrapsAnyKey(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<bool> Rewrap(
        KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
        (await Inner.Find([key.Id], cancellationToken)).SingleOrDefault() is { } stored
        && await Inner.Rewrap(key, stored.MasterKeyId, cancellationToken);
}

internal sealed class KeepsFormerBytes(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<bool> Rewrap(
        KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        var stored = await Inner.Find([key.Id], cancellationToken);
        return await Inner.Rewrap(
            key with { Wrapped = stored.SingleOrDefault()?.Wrapped ?? default }, formerMasterKeyId, cancellationToken);
    }
}

internal sealed class RewrapsDestroyedKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly ConcurrentDictionary<string, KeyRecord> _revived = new();

    public override async ValueTask<bool> Rewrap(
        KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        if (await Inner.Rewrap(key, formerMasterKeyId, cancellationToken))
            return true;
        if ((await Inner.Find([key.Id], cancellationToken)).SingleOrDefault() is not { State: KeyState.Destroyed })
            return false;
        _revived[key.Id] = key;
        return true;
    }

    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        [.. (await Inner.Find(ids, cancellationToken)).Select(key => _revived.GetValueOrDefault(key.Id, key))];
}

internal sealed class IgnoresCancellation(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken) =>
        Inner.Add(key, CancellationToken.None);
}

internal sealed class StaysOpen(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly InMemoryKeyStore _open = inner.OpenAnother();

    public override ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken) =>
        _open.List(query, cancellationToken);
}
