using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Stores when the documents of each collection expire, as documents. Programs without the model, such as the command
/// line tool, can then tell expired documents from others.
/// </summary>
internal sealed class ExpiryStore(EventStore store)
{
    /// <summary>The name of the collection.</summary>
    public const string Collection = "document-expiries";

    private static CollectionDefinition Definition { get; } = new(Collection, []);

    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>Stores the expiry of a collection, if it differs from the stored one. Null removes it.</summary>
    public async ValueTask Put(string collection, DocumentExpiry? expiry, CancellationToken cancellationToken)
    {
        if (await Read(collection, cancellationToken).ConfigureAwait(false) == expiry)
            return;
        await Documents.EnsureCollection(Definition, cancellationToken).ConfigureAwait(false);
        var change = new DocumentChange
        {
            Collection = Collection,
            Key = collection,
            Body = expiry is null
                ? default(ReadOnlyMemory<byte>?)
                : new ReadOnlyMemory<byte>(
                    JsonSerializer.SerializeToUtf8Bytes(
                        new StoredExpiry(expiry.Field, expiry.After.Ticks), ExpiryJson.Default.StoredExpiry)),
        };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
    }

    /// <summary>
    /// Returns the field by which the documents of a collection expire; null if they never expire, or the collection
    /// lacks the field.
    /// </summary>
    public async ValueTask<ExpiryColumn?> FindColumn(string collection, CancellationToken cancellationToken)
    {
        if (await Read(collection, cancellationToken).ConfigureAwait(false) is not { } expiry)
            return null;
        var all = await Documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        return all.FirstOrDefault(definition => definition.Name == collection) is { } found
            ? ExpiryColumn.Of(expiry, found.Fields)
            : null;
    }

    private async ValueTask<DocumentExpiry?> Read(string collection, CancellationToken cancellationToken)
    {
        if (!await Documents.HasCollection(Collection, cancellationToken).ConfigureAwait(false)
            || await Documents.Get(Collection, collection, cancellationToken).ConfigureAwait(false) is not { } document)
            return null;
        try
        {
            var stored = JsonSerializer.Deserialize(document.Body.Span, ExpiryJson.Default.StoredExpiry)
                ?? throw new JsonException("The document is null.");
            return new DocumentExpiry(stored.Field) { After = TimeSpan.FromTicks(stored.AfterTicks) };
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The expiry of the documents of '{collection}' cannot be read. Remove the document '{collection}' of "
                    + $"'{Collection}': the next start of a node writes it.",
                StorageProblem.Damaged,
                exception);
        }
    }
}

/// <summary>The stored expiry of a collection.</summary>
/// <param name="Field">The field with the time.</param>
/// <param name="AfterTicks">The ticks between the time in the field and the expiry.</param>
internal sealed record StoredExpiry(string Field, long AfterTicks);
