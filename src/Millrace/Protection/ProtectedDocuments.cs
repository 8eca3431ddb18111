using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Decrypts the documents that are read from a storage.</summary>
internal sealed class ProtectedDocuments(IDocumentStorage inner, StoreProtection protection)
    : IDocumentStorage, IDocumentColumns
{
    /// <summary>Gets the hashes in the columns of encrypted values.</summary>
    public BlindIndex Index { get; } = new(protection, inner);

    public ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        inner.EnsureCollection(Index.ToStored(collection), cancellationToken);

    public async ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken)
    {
        var document = await inner.Get(collection, key, cancellationToken).ConfigureAwait(false);
        return document is null ? null : await Reveal(collection, document, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<DocumentWithProgress?> GetWithProgress(
        string collection, string key, CancellationToken cancellationToken)
    {
        var found = await inner.GetWithProgress(collection, key, cancellationToken).ConfigureAwait(false);
        return found?.Document is { } document
            ? found with { Document = await Reveal(collection, document, cancellationToken).ConfigureAwait(false) }
            : found;
    }

    public async ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        await Reveal(
                collection,
                await inner.GetMany(collection, keys, cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        var hashed = await Index.ToStored(query, cancellationToken).ConfigureAwait(false);
        var page = await inner.Query(hashed, cancellationToken).ConfigureAwait(false);
        return page with
        {
            Documents = await Reveal(query.Collection, page.Documents, cancellationToken).ConfigureAwait(false),
        };
    }

    public async ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var hashed = await Index.ToStored(collection, conditions, cancellationToken).ConfigureAwait(false);
        return await inner.Count(collection, hashed, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<FieldValue>> ToColumns(
        string collection, IReadOnlyList<FieldValue> fields, CancellationToken cancellationToken) =>
        Index.ToStored(collection, fields, static _ => false, cancellationToken);

    public ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        inner.List(cancellationToken);

    public ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken) =>
        inner.ListDefinitions(cancellationToken);

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        inner.Clear(collection, consumer, cancellationToken);

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.Drop(collection, now, cancellationToken);

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        inner.ListReadModels(cancellationToken);

    public ValueTask<bool> PutReadModel(
        ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        inner.PutReadModel(record, reached, cancellationToken);

    /// <summary>Decrypts a document; null if its values cannot be decrypted.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<Document?> TryReveal(
        string collection, Document document, CancellationToken cancellationToken)
    {
        var located = Locate(collection, document);
        var revealed = await protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        return revealed.Problem is null ? document with { Body = revealed.Json } : null;
    }

    private async ValueTask<Document> Reveal(
        string collection, Document document, CancellationToken cancellationToken) =>
        (await Reveal(collection, [document], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Decrypts documents, after their keys are read together.</summary>
    private async ValueTask<IReadOnlyList<Document>> Reveal(
        string collection, IReadOnlyList<Document> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0 || !IsEncrypted(protection.Scope.Split(collection).Name))
            return documents;
        var located = new EncryptedPayload[documents.Count];
        for (var i = 0; i < located.Length; i++)
            located[i] = Locate(collection, documents[i]);
        var payloads = await protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        var revealed = new Document[documents.Count];
        var plainMarks = ProtectedValues.AreConcealed
            ? protection.Model.OfCollection(protection.Scope.Split(collection).Name)
            : null;
        for (var i = 0; i < revealed.Length; i++)
        {
            revealed[i] = payloads[i].Problem is not { } problem || protection.Keys is null
                ? documents[i] with { Body = payloads[i].Json }
                : throw new StorageException(
                    $"The document '{documents[i].Key}' of '{collection}' cannot be decrypted: {problem}",
                    StorageProblem.Damaged);
            if (plainMarks is not null)
                revealed[i] = revealed[i] with { Body = PlainConcealment.Conceal(revealed[i].Body, plainMarks) };
        }
        return revealed;
    }

    private bool IsEncrypted(string collection) =>
        ProtectionModel.IsEncryptedWhole(collection) || protection.Model.OfCollection(collection) is not null;

    private EncryptedPayload Locate(string collection, Document document)
    {
        var context = protection.Scope.OfDocument(collection, document.Key);
        return ProtectionModel.IsEncryptedWhole(context.Type)
            ? protection.Revealer.LocateWhole(document.Body, context)
            : protection.Model.OfCollection(context.Type) is { } marks
                ? protection.Revealer.Locate(document.Body, marks, context)
                : new EncryptedPayload(document.Body, [], context, null);
    }
}
