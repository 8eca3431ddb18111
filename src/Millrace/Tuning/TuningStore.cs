using System.Text.Json;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tuning;

/// <summary>Stores the report of the last run as a document, so that every node can return it.</summary>
internal sealed class TuningStore(EventStore store)
{
    private const string Collection = "tuning";
    private const string Key = "report";

    private readonly CollectionSet _collections = new(store, new CollectionDefinition(Collection, []));

    /// <summary>Returns the report; null if there is none.</summary>
    /// <exception cref="StorageException">The report cannot be read.</exception>
    public async ValueTask<TuningReport?> Find(CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Collection, cancellationToken).ConfigureAwait(false))
            return null;
        var document = await store.Storage.Documents.Get(Collection, Key, cancellationToken).ConfigureAwait(false);
        if (document is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, TuningJson.Default.TuningReport);
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                "The stored report of the tuning cannot be read.", StorageProblem.Damaged, exception);
        }
    }

    /// <summary>Replaces the report. Only the holder of the lock calls it.</summary>
    public async ValueTask Write(TuningReport report, CancellationToken cancellationToken)
    {
        await _collections.Ensure(cancellationToken).ConfigureAwait(false);
        var request = new AppendRequest();
        request.With(new DocumentChange
        {
            Collection = Collection,
            Key = Key,
            Body = JsonSerializer.SerializeToUtf8Bytes(report, TuningJson.Default.TuningReport),
        });
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
    }
}
