using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Extension methods for query handlers that read materialized views. The methods pass the token and the maximum wait
/// of the query, and record the freshness of the answer. Such an answer is not cached, because a refresh of the view
/// replaces its rows without an event.
/// </summary>
public static class ViewQueryExtensions
{
    /// <summary>Returns the row of a key; null if there is none.</summary>
    public static async ValueTask<TRow?> Get<TKey, TRow>(
        this IMaterializedView<TKey, TRow> view, TKey key, QueryContext context, CancellationToken cancellationToken)
        where TKey : notnull
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(context);
        var result = await view.Get(key, AfterOf(context), cancellationToken).ConfigureAwait(false);
        Record(context, result.State);
        return result.Value;
    }

    /// <summary>Returns a page of the rows that meet conditions.</summary>
    public static async ValueTask<ViewPage<TRow>> Query<TKey, TRow>(
        this IMaterializedView<TKey, TRow> view,
        ReadQuery query,
        QueryContext context,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(context);
        var page = await view.Query(query, AfterOf(context), cancellationToken).ConfigureAwait(false);
        Record(context, page.State);
        return page;
    }

    /// <summary>Returns the number of rows that meet conditions.</summary>
    public static async ValueTask<long> Count<TKey, TRow>(
        this IMaterializedView<TKey, TRow> view,
        IReadOnlyList<FieldCondition> conditions,
        QueryContext context,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(context);
        var count = await view.Count(conditions, AfterOf(context), cancellationToken).ConfigureAwait(false);
        Record(context, count.State);
        return count.Value;
    }

    private static void Record(QueryContext context, ViewFreshness state)
    {
        context.RecordFreshness(state.Freshness);
        context.RecordPosition(default); // An answer without a position is not cached.
    }

    private static ReadAfter AfterOf(QueryContext context) => new(context.After, context.Wait);
}
