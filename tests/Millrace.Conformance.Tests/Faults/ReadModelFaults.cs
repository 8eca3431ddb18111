using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class OverwritesConcurrentReadModelChanges(IStorage inner) : FaultyDocuments(inner)
{
    public override async ValueTask<bool> PutReadModel(
        ReadModelRecord record, string? reached, CancellationToken cancellationToken)
    {
        var stored = (await base.ListReadModels(cancellationToken)).FirstOrDefault(row => row.Name == record.Name);
        return await base.PutReadModel(record with { Revision = stored?.Revision ?? 0 }, reached, cancellationToken);
    }
}

internal sealed class SwitchesToLaggingCollection(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<bool> PutReadModel(
        ReadModelRecord record,
        string? reached,
        CancellationToken cancellationToken) => base.PutReadModel(record, null, cancellationToken);
}

internal sealed class ForgetsKeptReadModels(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<bool> PutReadModel(
        ReadModelRecord record,
        string? reached,
        CancellationToken cancellationToken
    ) => base.PutReadModel(record with { Kept = null }, reached, cancellationToken);
}

internal sealed class ClearsInsteadOfDropping(IStorage inner) : FaultyDocuments(inner)
{
    public override async ValueTask<bool> Drop(
        string collection, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await base.Clear(collection, collection, cancellationToken);
        return true;
    }
}

internal sealed class DropsReferencedCollections(IStorage inner) : FaultyDocuments(inner)
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

internal sealed class DropsLeasedCollections(IStorage inner) : FaultyDocuments(inner)
{
    private readonly IStorage _inner = inner;

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

internal sealed class DropsRetiredCollectionsEarly(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        base.Drop(collection, now.AddHours(2), cancellationToken);
}
