using System.Collections.Concurrent;
using Millrace.Protection;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class KeepsBytesOfDestroyedKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _bytes = new();

    public override ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        _bytes[key.Id] = key.Wrapped;
        return Inner.Add(key, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
    [
        .. (await Inner.Find(ids, cancellationToken)).Select(key => key.State == KeyState.Destroyed
            ? key with { Wrapped = _bytes.GetValueOrDefault(key.Id) }
            : key),
    ];
}

internal sealed class DestroysOnlyActiveKeys(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly ConcurrentDictionary<string, KeyRecord> _kept = new();

    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var key in (await ListAll(cancellationToken)).Where(key => key.State == KeyState.Retired))
            _kept[key.Id] = key;
        return [.. (await Inner.Destroy(owner, at, cancellationToken)).Where(id => !_kept.ContainsKey(id))];
    }

    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        [.. (await Inner.Find(ids, cancellationToken)).Select(key => _kept.GetValueOrDefault(key.Id, key))];
}

internal sealed class ReportsDestroyedKeysAgain(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await Inner.Destroy(owner, at, cancellationToken);
        return [.. (await ListAll(cancellationToken)).Where(key => key.Owner == owner).Select(key => key.Id)];
    }
}

internal sealed class RecordsTheLastDestruction(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private DateTimeOffset? _last;

    public override ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        _last = at;
        return Inner.Destroy(owner, at, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        [.. (await Inner.Find(ids, cancellationToken)).Select(key => key with { DestroyedAt = _last })];
}

internal sealed class AddsNoDestroyedRecord(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
        (await ListAll(cancellationToken)).Any(key => key.Owner.Subject == owner.Subject)
            ? await Inner.Destroy(owner, at, cancellationToken)
            : [];
}

internal sealed class DestroysOnlyExistingKinds(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (owner.Kind != KeyOwner.AllKinds)
            return await Inner.Destroy(owner, at, cancellationToken);
        var ids = new List<string>();
        var kinds = (await ListAll(cancellationToken)).Select(key => key.Owner).Distinct()
            .Where(other => other with { Kind = owner.Kind } == owner);
        foreach (var kind in kinds.ToArray())
            ids.AddRange(await Inner.Destroy(kind, at, cancellationToken));
        return ids;
    }
}

/// <summary>Also destroys the keys of other owners.</summary>
internal sealed class DestroysOtherOwners(InMemoryKeyStore inner, Func<KeyOwner, KeyOwner, bool> isAffected)
    : FaultyKeyStore(inner)
{
    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var others = (await ListAll(cancellationToken)).Select(key => key.Owner)
            .Where(other => other != owner && other.Subject.Length > 0 && isAffected(owner, other));
        foreach (var other in others.ToArray())
            await Inner.Destroy(other, at, cancellationToken);
        return await Inner.Destroy(owner, at, cancellationToken);
    }
}

/// <summary>Looks for destroyed records before the addition, and not in one transaction with it.</summary>
internal sealed class AddsDuringDestruction(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    private readonly ConcurrentBag<KeyRecord> _late = [];

    public override async ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        if (await Inner.FindCurrent(key.Owner, cancellationToken) is { } found)
            return found;
        await LetOthersRun(2_000);
        var added = await Inner.Add(key, cancellationToken);
        if (added.State != KeyState.Destroyed)
            return added;
        _late.Add(key);
        return key;
    }

    public override async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await LetOthersRun(20);
        return await Inner.Destroy(owner, at, cancellationToken);
    }

    public override async ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken)
    {
        var listed = await Inner.List(query, cancellationToken);
        return [.. listed, .. _late.Where(key => key.Owner.Subject == query.Subject)];
    }
}

internal sealed class DestroysWithoutSubject(InMemoryKeyStore inner) : FaultyKeyStore(inner)
{
    public override ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken) =>
        owner.Subject.Length == 0 ? new([]) : Inner.Destroy(owner, at, cancellationToken);
}
