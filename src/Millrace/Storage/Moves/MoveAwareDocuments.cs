namespace Millrace.Storage.Moves;

/// <summary>Accesses the documents in the storage that the store currently uses.</summary>
internal sealed class MoveAwareDocuments(MoveAwareStorage moveAware) : IDocumentStorage
{
    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, collection, cancel) => storage.Documents.EnsureCollection(collection, cancel),
            collection,
            cancellationToken);

    public ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        moveAware.Current.Documents.Get(collection, key, cancellationToken);

    public ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection,
        string key,
        CancellationToken cancellationToken
    ) => moveAware.Current.Documents.GetWithProgress(collection, key, cancellationToken);

    public ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        moveAware.Current.Documents.GetMany(collection, keys, cancellationToken);

    public ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        moveAware.Current.Documents.Query(query, cancellationToken);

    public ValueTask<long> Count(
        string collection,
        IReadOnlyList<FieldCondition> conditions,
        CancellationToken cancellationToken
    ) => moveAware.Current.Documents.Count(collection, conditions, cancellationToken);

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        moveAware.Current.Documents.List(cancellationToken);

    public ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken) =>
        moveAware.Current.Documents.ListDefinitions(cancellationToken);

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Documents.Clear(args.collection, args.consumer, cancel),
            (collection, consumer),
            cancellationToken);

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Documents.Drop(args.collection, args.now, cancel),
            (collection, now),
            cancellationToken);

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        moveAware.Current.Documents.ListReadModels(cancellationToken);

    public ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Documents.PutReadModel(args.record, args.reached, cancel),
            (record, reached),
            cancellationToken);
}
