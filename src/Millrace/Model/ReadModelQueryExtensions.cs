using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Extension methods for query handlers that use read models. The methods wait for the token of the query, up to the
/// maximum wait of the query, and record the freshness of the answer.
/// </summary>
public static class ReadModelQueryExtensions
{
    /// <summary>Returns the document with a key; null if there is no such document.</summary>
    public static async ValueTask<TDocument?> Get<TKey, TDocument>(
        this IReadModel<TKey, TDocument> documents, TKey key, QueryContext context, CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(context);
        var result = await documents.Get(key, AfterOf(context), cancellationToken).ConfigureAwait(false);
        context.RecordFreshness(result.Freshness);
        context.RecordRead(typeof(TDocument), result.Reflects, result.Collection, result.ExpiresAt);
        return result.Value;
    }

    /// <summary>Returns a page of the documents that match conditions.</summary>
    public static async ValueTask<ReadPage<TDocument>> Query<TKey, TDocument>(
        this IReadModel<TKey, TDocument> documents,
        ReadQuery query,
        QueryContext context,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(context);
        var page = await documents.Query(query, AfterOf(context), cancellationToken).ConfigureAwait(false);
        context.RecordFreshness(page.Freshness);
        context.RecordRead(typeof(TDocument), page.Reflects, page.Collection, page.ExpiresAt);
        return page;
    }

    /// <summary>Returns the number of documents that match conditions.</summary>
    public static async ValueTask<long> Count<TKey, TDocument>(
        this IReadModel<TKey, TDocument> documents,
        IReadOnlyList<FieldCondition> conditions,
        QueryContext context,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TDocument : class
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(context);
        var count = await documents.Count(conditions, AfterOf(context), cancellationToken).ConfigureAwait(false);
        context.RecordFreshness(count.Freshness);
        context.RecordRead(typeof(TDocument), count.Reflects, count.Collection, count.ExpiresAt);
        return count.Value;
    }

    private static ReadAfter AfterOf(QueryContext context) =>
        new(context.After, context.Wait) { WithNextExpiry = true };
}
