using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Hides the expired documents of a read model.</summary>
/// <param name="expiry">The rule by which documents expire; null if they never expire.</param>
/// <param name="store">The store, with the clock of the reads.</param>
internal sealed class VisibleDocuments<TDocument>(ExpiryRule<TDocument>? expiry, EventStore store)
    where TDocument : class
{
    private IDocumentStorage Documents => store.Storage.Documents;

    /// <summary>Returns a document; null if it has expired.</summary>
    public TDocument? Find(TDocument document) =>
        expiry?.IsExpired(document, store.Time.GetUtcNow()) == true ? null : document;

    /// <summary>Returns the earlier one of two times, of which the second one is the expiry of a document.</summary>
    public DateTimeOffset? Earlier(DateTimeOffset? time, TDocument? document) =>
        expiry is not null && document is not null && expiry.ExpiresAt(document) is { } expiresAt
            && (time is null || expiresAt < time)
                ? expiresAt
                : time;

    /// <summary>
    /// Returns the conditions, and the condition that documents meet which have not expired. The collection of an
    /// earlier version may lack the field. Its expired documents are omitted after they are read, and are counted.
    /// </summary>
    public async ValueTask<IReadOnlyList<FieldCondition>> Restrict(
        IReadOnlyList<FieldCondition> conditions, ReadModelSource source, CancellationToken cancellationToken) =>
        await FindColumn(source, cancellationToken).ConfigureAwait(false) is { } column
            ? [.. conditions, column.NotExpired(store.Time.GetUtcNow())]
            : conditions;

    /// <summary>
    /// Returns the time at which the next document of a collection expires; null if none does. A count is exact until
    /// then.
    /// </summary>
    public async ValueTask<DateTimeOffset?> FindNextExpiry(
        ReadModelSource source, CancellationToken cancellationToken)
    {
        if (await FindColumn(source, cancellationToken).ConfigureAwait(false) is not { } column)
            return null;
        var query = new DocumentQuery
        {
            Collection = source.Collection,
            Conditions = [column.ExpiresLater(store.Time.GetUtcNow())],
            OrderBy = column.Name,
            Limit = 1,
            WithFields = true,
        };
        var page = await Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return page.Documents is [{ Fields: { } fields }] ? column.ExpiresAt(fields[column.Index]) : null;
    }

    /// <summary>Finds the field in the collection, whose version may have other fields than this one.</summary>
    private async ValueTask<ExpiryColumn?> FindColumn(ReadModelSource source, CancellationToken cancellationToken)
    {
        if (expiry is null || source.ExpiryColumn is not null)
            return source.ExpiryColumn;
        var all = await Documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        var fields = all.FirstOrDefault(definition => definition.Name == source.Collection)?.Fields ?? [];
        var declared = new DocumentExpiry(expiry.Column.Name) { After = expiry.Column.After };
        return source.ExpiryColumn = ExpiryColumn.Of(declared, fields);
    }
}
