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
        if (!await Documents.HasCollection(Collection, cancellationToken).ConfigureAwait(false))
            return []; // The first index creates the collection.
        var query = new DocumentQuery { Collection = Collection, Limit = MaxIndexes };
        var page = await Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return [.. page.Documents.Select(Read)];
    }

    public async ValueTask Put(AdvisedIndex index, CancellationToken cancellationToken)
    {
        if (await Write(index, version: null, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal;
    }

    /// <summary>Adds an index. Returns false if there is one of this name.</summary>
    public async ValueTask<bool> TryAdd(AdvisedIndex index, CancellationToken cancellationToken) =>
        await Write(index, version: 0, cancellationToken).ConfigureAwait(false) switch
        {
            null => true,
            DocumentConflictException => false,
            var refusal => throw refusal,
        };

    /// <summary>
    /// Records that an index exists whose build was interrupted, unless another process changed it meanwhile.
    /// </summary>
    public async ValueTask SetBuilt(string name, CancellationToken cancellationToken)
    {
        if (await Documents.Get(Collection, name, cancellationToken).ConfigureAwait(false) is not { } document
            || Read(document) is not { State: AdvisedIndexState.Building } index)
            return;
        var refusal = await Write(index with { State = AdvisedIndexState.Built }, document.Version, cancellationToken)
            .ConfigureAwait(false);
        if (refusal is not null and not DocumentConflictException)
            throw refusal;
    }

    public async ValueTask Remove(string name, CancellationToken cancellationToken)
    {
        if (await Commit(name, null, version: null, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal;
    }

    /// <summary>
    /// Returns the indexes that a collection should have. Indexes whose fields the collection does not have are
    /// omitted.
    /// </summary>
    public async ValueTask<IReadOnlyList<AdvisedIndex>> FindWanted(
        CollectionDefinition collection, CancellationToken cancellationToken) =>
        [
            .. (await Read(cancellationToken).ConfigureAwait(false))
                .Where(index => index.State != AdvisedIndexState.Removing && Fits(index, collection)),
        ];

    /// <summary>Returns whether an index belongs to a collection of its read model.</summary>
    public static bool Fits(AdvisedIndex index, CollectionDefinition collection) =>
        index.ReadModel == CollectionName.NameOf(collection.Name)
        && index.Fields.All(field => collection.Fields.Any(known => known.Name == field));

    private async ValueTask<Exception?> Write(AdvisedIndex index, long? version, CancellationToken cancellationToken)
    {
        await Documents.EnsureCollection(Definition, cancellationToken).ConfigureAwait(false);
        var body = JsonSerializer.SerializeToUtf8Bytes(index, AdvisedIndexJson.Default.AdvisedIndex);
        return await Commit(index.Name, body, version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the refusal; null if the change is stored.</summary>
    private async ValueTask<Exception?> Commit(
        string name, byte[]? body, long? version, CancellationToken cancellationToken)
    {
        var change = new DocumentChange
        {
            Collection = Collection,
            Key = name,
            FromVersion = version,
            // Null removes the document. A null array alone would become empty bytes.
            Body = body is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(body),
        };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.Refusal;
    }

    private static AdvisedIndex Read(Document document)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, AdvisedIndexJson.Default.AdvisedIndex)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The advised index '{document.Key}' cannot be read. Remove the documents of '{Collection}', and apply "
                    + "the advice again.",
                StorageProblem.Damaged,
                exception);
        }
    }
}
