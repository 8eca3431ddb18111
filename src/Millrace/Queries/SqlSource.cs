using Millrace.Protection;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Reads what SQL statements can see of a store, page by page. Encrypted values, and values of marked members, are
/// replaced by their values after erasure. For implementations of <see cref="ISqlService"/>. Thread-safe.
/// </summary>
public sealed class SqlSource
{
    private const int PageEvents = 1_000;
    private const int PageDocuments = 1_000;
    private const int PageDeadLetters = 1_000;

    private readonly EventStore _store;

    /// <summary>Creates a source that reads an open store, which it does not own.</summary>
    public SqlSource(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>Gets the end of the log.</summary>
    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        _store.Storage.Log.GetHead(cancellationToken);

    /// <summary>Lists the stored names of the event types in the log, in ordinal order.</summary>
    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        _store.Storage.Log.ListEventTypes(cancellationToken);

    /// <summary>Reads a page of the log.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="from">The first position, inclusive.</param>
    /// <param name="isBrief">Whether payloads and metadata can be missing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<EventPage> ReadEvents(
        EventFilter filter, long from, bool isBrief, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(filter, from, IsBackwards: false, PageEvents) { IsBrief = isBrief };
        using (ProtectedValues.Conceal())
        {
            var page = await _store.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            return page with { Events = [.. page.Events.Select(CipherTextMask.Apply)] };
        }
    }

    /// <summary>
    /// Lists the read models with the collections that queries read, ordered by name. A read model that is not in the
    /// catalog has the collection of its highest version.
    /// </summary>
    public async ValueTask<IReadOnlyList<(string Name, string Collection)>> ListReadModels(
        CancellationToken cancellationToken)
    {
        var documents = _store.Storage.Documents;
        var models = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var definition in await documents.ListDefinitions(cancellationToken).ConfigureAwait(false))
        {
            var name = CollectionName.NameOf(definition.Name);
            var version = CollectionName.VersionOf(definition.Name);
            if (version > 0
                && (!models.TryGetValue(name, out var other) || CollectionName.VersionOf(other) < version))
                models[name] = definition.Name;
        }
        foreach (var record in await documents.ListReadModels(cancellationToken).ConfigureAwait(false))
        {
            if (models.ContainsKey(record.Name))
                models[record.Name] = record.Live;
        }
        return [.. models.Select(static model => (model.Key, model.Value))];
    }

    /// <summary>Reads a page of the documents of a collection, ordered by key.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="after">The end of the previous page; null for the first page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<DocumentPage> ReadDocuments(
        string collection, DocumentCursor? after, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery { Collection = collection, After = after, Limit = PageDocuments };
        using (ProtectedValues.Conceal())
        {
            var page = await _store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            return page with { Documents = [.. page.Documents.Select(CipherTextMask.Apply)] };
        }
    }

    /// <summary>Lists the partitions of all consumers.</summary>
    public ValueTask<IReadOnlyList<ConsumerRecord>> ListConsumers(CancellationToken cancellationToken) =>
        _store.Storage.Leases.List(cancellationToken);

    /// <summary>Reads a page of the dead letters, without edited payloads and stack traces.</summary>
    /// <param name="after">The id of the last dead letter on the previous page; 0 for the first page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLetters(long after, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { After = after, Limit = PageDeadLetters };
        using (ProtectedValues.Conceal())
        {
            var page = await _store.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            return [.. page.Select(static letter => letter with { EditedPayload = null, Stack = null })];
        }
    }
}
