using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tuning;

/// <summary>
/// Stores the report of the last run as a document, so that every node can return it, and the request to cancel it.
/// </summary>
internal sealed class TuningStore(EventStore store)
{
    private const string Collection = "tuning";
    private const string ReportKey = "report";
    private const string CancellationKey = "cancellation";

    private readonly CollectionSet _collections = new(store, new CollectionDefinition(Collection, []));

    /// <summary>Returns the report; null if there is none.</summary>
    /// <exception cref="StorageException">The report cannot be read.</exception>
    public async ValueTask<TuningReport?> Find(CancellationToken cancellationToken) =>
        Read(await FindDocument(ReportKey, cancellationToken).ConfigureAwait(false), TuningJson.Default.TuningReport);

    /// <summary>Returns the last request to cancel a run; null if there is none.</summary>
    /// <exception cref="StorageException">The request cannot be read.</exception>
    public async ValueTask<TuningCancellation?> FindCancellation(CancellationToken cancellationToken) =>
        Read(
            await FindDocument(CancellationKey, cancellationToken).ConfigureAwait(false),
            TuningJson.Default.TuningCancellation);

    /// <summary>Replaces the report at the start of a run. Only the holder of the lock calls it.</summary>
    public async ValueTask Start(TuningReport report, CancellationToken cancellationToken) =>
        await Write(ReportKey, report, TuningJson.Default.TuningReport, fromVersion: null, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Replaces the report of a run by a later one, unless another run has started: a node can lose the lock without
    /// noticing.
    /// </summary>
    public async ValueTask Update(TuningReport report, CancellationToken cancellationToken)
    {
        var document = await FindDocument(ReportKey, cancellationToken).ConfigureAwait(false);
        if (document is not null && Read(document, TuningJson.Default.TuningReport)?.Id == report.Id)
            await Write(ReportKey, report, TuningJson.Default.TuningReport, document.Version, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Requests that a run ends. The node that runs it reads the request.</summary>
    public async ValueTask Cancel(TuningCancellation cancellation, CancellationToken cancellationToken) =>
        await Write(
            CancellationKey,
            cancellation,
            TuningJson.Default.TuningCancellation,
            fromVersion: null,
            cancellationToken)
            .ConfigureAwait(false);

    private async ValueTask<Document?> FindDocument(string key, CancellationToken cancellationToken) =>
        await _collections.Has(Collection, cancellationToken).ConfigureAwait(false)
            ? await store.Storage.Documents.Get(Collection, key, cancellationToken).ConfigureAwait(false)
            : null;

    private static T? Read<T>(Document? document, JsonTypeInfo<T> type)
        where T : class
    {
        if (document is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, type);
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The stored document '{document.Key}' of the tuning cannot be read.",
                StorageProblem.Damaged,
                exception);
        }
    }

    /// <summary>Writes a document, unless it no longer has the version.</summary>
    private async ValueTask Write<T>(
        string key, T value, JsonTypeInfo<T> type, long? fromVersion, CancellationToken cancellationToken)
    {
        await _collections.Ensure(cancellationToken).ConfigureAwait(false);
        var request = new AppendRequest();
        request.With(new DocumentChange
        {
            Collection = Collection,
            Key = key,
            FromVersion = fromVersion,
            Body = JsonSerializer.SerializeToUtf8Bytes(value, type),
        });
        var outcome = await store.TryAppend(request, cancellationToken).ConfigureAwait(false);
        _ = outcome.FindDocumentConflict(); // Another run has started. Other refusals are thrown.
    }
}
