using System.Text.Json;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Scaling;

/// <summary>
/// Stores the number of nodes as a document. A change expects the version that was read, so that of two nodes only one
/// can decide.
/// </summary>
internal sealed class CapacityStore(EventStore store)
{
    private const string Collection = "capacity";
    private const string Key = "nodes";

    private readonly CollectionSet _collections = new(store, new CollectionDefinition(Collection, []));

    /// <summary>Returns the record with its version; version 0 if there is none.</summary>
    /// <exception cref="StorageException">The record cannot be read.</exception>
    public async ValueTask<(CapacityRecord Record, long Version)> Read(CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Collection, cancellationToken).ConfigureAwait(false))
            return (CapacityRecord.None, 0);
        var document = await store.Storage.Documents.Get(Collection, Key, cancellationToken).ConfigureAwait(false);
        if (document is null)
            return (CapacityRecord.None, 0);
        try
        {
            var record = JsonSerializer.Deserialize(document.Body.Span, CapacityJson.Default.CapacityRecord)
                ?? throw new JsonException("The document is null.");
            return (record, document.Version);
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                "The stored number of nodes cannot be read.", StorageProblem.Damaged, exception);
        }
    }

    /// <summary>Writes the record. Returns false if it was changed since it was read.</summary>
    public async ValueTask<bool> TryWrite(CapacityRecord record, long version, CancellationToken cancellationToken)
    {
        await _collections.Ensure(cancellationToken).ConfigureAwait(false);
        var request = new AppendRequest();
        request.With(new DocumentChange
        {
            Collection = Collection,
            Key = Key,
            FromVersion = version,
            Body = JsonSerializer.SerializeToUtf8Bytes(record, CapacityJson.Default.CapacityRecord),
        });
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }
}
