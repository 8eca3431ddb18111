using Store1Space.Journal;

namespace Store1Space;

/// <summary>Stores the documents. Each collection needs a table with a column for each field.</summary>
/// <param name="store">The store in memory that does the work until you replace it.</param>
internal sealed class DatabaseDocuments(JournaledMemory store) : IDocumentStorage
{
    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        store.Change(new CollectionEnsured(collection), cancellationToken);

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Documents.Get(collection, key, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Documents.GetMany(collection, keys, cancellationToken), cancellationToken);

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Documents.Query(query, cancellationToken), cancellationToken);

    public ValueTask<long> Count(
        string collection,
        IReadOnlyList<FieldCondition> conditions,
        CancellationToken cancellationToken
    ) => store.Read(memory => memory.Documents.Count(collection, conditions, cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        store.Read(memory => memory.Documents.List(cancellationToken), cancellationToken);

    public async ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        await store.Change(new CollectionCleared(collection, consumer), cancellationToken);

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.Change(new CollectionDropped(collection, now), cancellationToken);

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        store.Read(memory => memory.Documents.ListReadModels(cancellationToken), cancellationToken);

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        store.Change(new ReadModelPut(record, reached), cancellationToken);
}
