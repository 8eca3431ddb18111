using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Stores which indexes were built on advice, as documents. New collections of a read model, also in another storage
/// after a move, get the indexes again.
/// </summary>
internal sealed class AdvisedIndexStore(EventStore store)
{
    /// <summary>The name of the collection.</summary>
    public const string Collection = "advised-indexes";

    private const int MaxIndexes = 1_000;

    private static CollectionDefinition Definition { get; } = new(Collection, []);

    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>Returns all indexes, ordered by name.</summary>
    public async ValueTask<IReadOnlyList<AdvisedIndex>> Read(CancellationToken cancellationToken)
    {
        try
        {
            var query = new DocumentQuery { Collection = Collection, Limit = MaxIndexes };
            var page = await Documents.Query(query, cancellationToken).ConfigureAwait(false);
            return [.. page.Documents.Select(Read)];
        }
        catch (StorageException missing) when (missing.Problem == StorageProblem.Other)
        {
            return []; // The first index creates the collection.
        }
    }

    public async ValueTask Put(AdvisedIndex index, CancellationToken cancellationToken)
    {
        await Documents.EnsureCollection(Definition, cancellationToken).ConfigureAwait(false);
        var body = JsonSerializer.SerializeToUtf8Bytes(index, AdvisedIndexJson.Default.AdvisedIndex);
        await Commit(index.Name, body, cancellationToken).ConfigureAwait(false);
    }

    public Task Remove(string name, CancellationToken cancellationToken) => Commit(name, null, cancellationToken);

    /// <summary>
    /// Builds the indexes of a collection that it lacks. Indexes whose fields the collection does not have are omitted.
    /// </summary>
    public async ValueTask Ensure(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        if (store.Storage.Planner?.Indexes is not { } indexes)
            return;
        var readModel = CollectionName.NameOf(collection.Name);
        foreach (var index in await Read(cancellationToken).ConfigureAwait(false))
        {
            if (index.ReadModel == readModel
                && index.Fields.All(field => collection.Fields.Any(known => known.Name == field)))
                await indexes
                    .Create(collection.Name, new DocumentIndex(index.Name, index.Fields), cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Builds the indexes of a collection before its projection runs. A failure does not prevent the projection,
    /// because an index only makes queries faster.
    /// </summary>
    public async ValueTask TryEnsure(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        try
        {
            await Ensure(collection, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // The next start of the projection tries again.
        }
    }

    private Task<CommitOutcome> Commit(string name, byte[]? body, CancellationToken cancellationToken) =>
        store.Commit(
            new CommitRequest
            {
                Documents =
                [
                    new DocumentChange
                    {
                        Collection = Collection,
                        Key = name,
                        // Null removes the document. A null array alone would become empty bytes.
                        Body = body is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(body),
                    },
                ],
            },
            isBackground: false,
            cancellationToken);

    private static AdvisedIndex Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, AdvisedIndexJson.Default.AdvisedIndex)
        ?? throw new StorageException($"The advised index '{document.Key}' is empty.", StorageProblem.Damaged);
}
