using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// The documents of one tenant in a shared storage. The collections of a tenant have their own tables, so that they can
/// be rebuilt and cleared without effects on other tenants.
/// </summary>
internal sealed class TenantDocuments(TenantNames names, IDocumentStorage shared)
    : IDocumentStorage, IDocumentColumns
{
    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        shared.EnsureCollection(collection with { Name = names.ToStored(collection.Name) }, cancellationToken);

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        shared.Get(names.ToStored(collection), key, cancellationToken);

    public ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection,
        string key,
        CancellationToken cancellationToken
    ) => shared.GetWithProgress(names.ToStored(collection), key, cancellationToken);

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        shared.GetMany(names.ToStored(collection), keys, cancellationToken);

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        shared.Query(query with { Collection = names.ToStored(query.Collection) }, cancellationToken);

    public ValueTask<long> Count(
        string collection,
        IReadOnlyList<FieldCondition> conditions,
        CancellationToken cancellationToken) => shared.Count(names.ToStored(collection), conditions, cancellationToken);

    public ValueTask<IReadOnlyList<FieldValue>> ToColumns(
        string collection, IReadOnlyList<FieldValue> fields, CancellationToken cancellationToken) =>
        shared is IDocumentColumns columns
            ? columns.ToColumns(names.ToStored(collection), fields, cancellationToken)
            : new(fields);

    public async ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken)
    {
        var all = await shared.List(cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Where(info => names.IsOwn(info.Definition.Name))
                .Select(info =>
                    info with
                    {
                        Definition = info.Definition with { Name = names.ToTenant(info.Definition.Name) },
                    }
                ),
        ];
    }

    public async ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken)
    {
        var all = await shared.ListDefinitions(cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Where(collection => names.IsOwn(collection.Name))
                .Select(collection => collection with { Name = names.ToTenant(collection.Name) }),
        ];
    }

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        shared.Clear(names.ToStored(collection), consumer is null ? null : names.ToStored(consumer), cancellationToken);

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        shared.Drop(names.ToStored(collection), now, cancellationToken);

    public async ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken)
    {
        var all = await shared.ListReadModels(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(record => names.IsOwn(record.Name)).Select(names.ToTenant)];
    }

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        shared.PutReadModel(
            names.ToStored(record), reached is null ? null : names.ToStored(reached), cancellationToken);
}
