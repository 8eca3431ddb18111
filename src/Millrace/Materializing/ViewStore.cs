using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Materializing;

/// <summary>Stores the state of views and how often they are read, each as one document.</summary>
internal sealed class ViewStore(EventStore store)
{
    /// <summary>The name of the collection of the states.</summary>
    public const string Collection = "views";

    /// <summary>The name of the collection of the reads.</summary>
    public const string Uses = "view-uses";

    private const int MaxAttempts = 5;
    private const int MaxPerPage = 1_000;

    private readonly CollectionSet _collections = new(store, new(Collection, []), new(Uses, []));

    /// <summary>Gets or sets the action that is called after this node has changed a state.</summary>
    public Action Changed { get; set; } = static () => { };

    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>Returns the state of a view with the version of its document; null and 0 if there is none.</summary>
    public async ValueTask<(ViewRecord? Record, long Version)> Find(string key, CancellationToken cancellationToken)
    {
        await _collections.Ensure(cancellationToken).ConfigureAwait(false);
        var document = await Documents.Get(Collection, key, cancellationToken).ConfigureAwait(false);
        return document is null ? (null, 0) : (Read(document, ViewJson.Default.ViewRecord), document.Version);
    }

    /// <summary>
    /// Returns the states of all views, ordered by name and version. A state that cannot be read contains the error.
    /// </summary>
    public async ValueTask<IReadOnlyList<ViewRecord>> List(CancellationToken cancellationToken)
    {
        var all = new List<ViewRecord>();
        await foreach (var document in ReadAll(Collection, cancellationToken).ConfigureAwait(false))
            all.Add(ReadOrReport(document));
        return all;
    }

    /// <summary>Returns how often the views are read, by the key of the view.</summary>
    public async ValueTask<IReadOnlyDictionary<string, ViewUse>> ListUses(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, ViewUse>(StringComparer.Ordinal);
        await foreach (var document in ReadAll(Uses, cancellationToken).ConfigureAwait(false))
            all[document.Key] = Read(document, ViewJson.Default.ViewUse);
        return all;
    }

    /// <summary>
    /// Changes the state of a view. The function returns null to change nothing. It is called again if another node
    /// changed the state at the same time.
    /// </summary>
    /// <returns>The new state; null if nothing was changed.</returns>
    public async ValueTask<ViewRecord?> Change(
        string key, Func<ViewRecord?, ViewRecord?> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (record, version) = await Find(key, cancellationToken).ConfigureAwait(false);
            if (change(record) is not { } changed)
                return null;
            var body = JsonSerializer.SerializeToUtf8Bytes(changed, ViewJson.Default.ViewRecord);
            var conflict = await TryWrite(Collection, key, body, version, cancellationToken).ConfigureAwait(false);
            if (conflict is null)
            {
                Changed();
                return changed;
            }
            if (attempt == MaxAttempts)
                throw conflict;
        }
    }

    /// <summary>
    /// Requests a refresh, without the pause after failures, because an operator has fixed the problem. Returns null if
    /// there is no such view.
    /// </summary>
    public ValueTask<ViewRecord?> RequestRefresh(string key, DateTimeOffset now, CancellationToken cancellationToken) =>
        Change(
            key,
            record => record is null ? null : record with { RequestedAt = now, FailedAt = null },
            cancellationToken);

    /// <summary>Adds reads of a view. Returns false if other nodes added reads at the same time repeatedly.</summary>
    public async ValueTask<bool> TryAddReads(
        string key, long reads, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await _collections.Ensure(cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var document = await Documents.Get(Uses, key, cancellationToken).ConfigureAwait(false);
            var use = document is null ? new ViewUse(0, 0, now) : Read(document, ViewJson.Default.ViewUse);
            var body = JsonSerializer.SerializeToUtf8Bytes(use.Add(reads, now), ViewJson.Default.ViewUse);
            if (await TryWrite(Uses, key, body, document?.Version ?? 0, cancellationToken).ConfigureAwait(false)
                is null)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Removes the state of a view if it fulfils a condition, which is checked again if another node changed the state
    /// at the same time.
    /// </summary>
    public async ValueTask RemoveIf(
        string key, Func<ViewRecord, bool> condition, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var (record, version) = await Find(key, cancellationToken).ConfigureAwait(false);
            if (record is null || !condition(record)
                || await TryRemove(key, version, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>Removes the state of a view, also one that cannot be read.</summary>
    public async ValueTask Remove(string key, CancellationToken cancellationToken) =>
        await TryRemove(key, version: null, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Removes the state of a view. Returns false, and removes nothing, if it changed after the version was read; null
    /// for any version.
    /// </summary>
    private async ValueTask<bool> TryRemove(string key, long? version, CancellationToken cancellationToken)
    {
        if (await TryWrite(Collection, key, null, version, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        await TryWrite(Uses, key, null, null, cancellationToken).ConfigureAwait(false);
        Changed();
        return true;
    }

    /// <summary>Returns the conflict; null if the change is stored.</summary>
    private async ValueTask<DocumentConflictException?> TryWrite(
        string collection, string key, byte[]? body, long? version, CancellationToken cancellationToken)
    {
        var change = new DocumentChange
        {
            Collection = collection,
            Key = key,
            FromVersion = version,
            // Null removes the document. A null array alone would become empty bytes.
            Body = body is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(body),
        };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        return outcome.FindDocumentConflict();
    }

    private async IAsyncEnumerable<Document> ReadAll(
        string collection,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await _collections.Has(collection, cancellationToken).ConfigureAwait(false))
            yield break;
        var query = new DocumentQuery { Collection = collection, Limit = MaxPerPage };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
            yield return document;
    }

    private static ViewRecord ReadOrReport(Document document)
    {
        try
        {
            return Read(document, ViewJson.Default.ViewRecord);
        }
        catch (StorageException exception)
        {
            return ViewRecord.Damaged(document.Key, exception.Message);
        }
    }

    private static T Read<T>(Document document, JsonTypeInfo<T> json)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, json)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The state of the view '{document.Key}' cannot be read. Remove it with 'millrace views drop': the "
                    + "view is then built again.",
                StorageProblem.Damaged,
                exception);
        }
    }
}
