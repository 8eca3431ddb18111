using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class OverwritesConcurrentReadModelChanges(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> PutReadModel(
        ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var stands = (await base.ListReadModels(cancellationToken)).FirstOrDefault(one => one.Name == record.Name);
        return await base.PutReadModel(record with { Revision = stands?.Revision ?? 0 }, reached, cancellationToken);
    }
}

internal sealed class SwitchesToLaggingCollection(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<bool> PutReadModel(
        ReadModelRecord record,
        string? reached,
        CancellationToken cancellationToken) => base.PutReadModel(record, null, cancellationToken);
}

internal sealed class ForgetsKeptReadModels(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<bool> PutReadModel(
        ReadModelRecord record,
        string? reached,
        CancellationToken cancellationToken
    ) => base.PutReadModel(record with { Kept = null }, reached, cancellationToken);
}

internal sealed class ClearsInsteadOfDropping(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> Drop(
        string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await base.Clear(collection, collection, cancellationToken);
        return true;
    }
}

internal sealed class DropsReferencedCollections(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<bool> Drop(
        string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await base.Drop(collection, now, cancellationToken))
            return true;
        await base.Clear(collection, collection, cancellationToken);
        return true;
    }
}

internal sealed class DropsLeasedCollections(IStorage sound) : FaultyDocuments(sound)
{
    private readonly IStorage _inner = sound;

    public override async ValueTask<bool> Drop(
        string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var lease in await _inner.Leases.List(cancellationToken))
        {
            if (lease.Consumer == collection)
                await _inner.Leases.Release(collection, lease.Partition, lease.LeaseEpoch, cancellationToken);
        }
        return await base.Drop(collection, now, cancellationToken);
    }
}

internal sealed class DropsRetiredCollectionsEarly(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        base.Drop(collection, now.AddHours(2), cancellationToken);
}
