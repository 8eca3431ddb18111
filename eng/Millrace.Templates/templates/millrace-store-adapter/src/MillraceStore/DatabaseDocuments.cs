using Millrace.Storage;

namespace Store1Space;

/// <summary>Documents: a table for each collection, with a column for each field.</summary>
/// <param name="memory">What it hands on to until it is made real.</param>
internal sealed class DatabaseDocuments(IDocumentStorage memory) : IDocumentStorage
{
    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        memory.EnsureCollection(collection, cancellationToken);

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        memory.Get(collection, key, cancellationToken);

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        memory.GetMany(collection, keys, cancellationToken);

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        memory.Query(query, cancellationToken);

    public ValueTask<long> Count(string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        memory.Count(collection, conditions, cancellationToken);

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        memory.List(cancellationToken);

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        memory.Clear(collection, consumer, cancellationToken);

    public ValueTask<bool> Drop(string collection, CancellationToken cancellationToken) =>
        memory.Drop(collection, cancellationToken);

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        memory.ListReadModels(cancellationToken);

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        memory.PutReadModel(record, reached, cancellationToken);
}
