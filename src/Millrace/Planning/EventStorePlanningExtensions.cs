using Millrace.Planning;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// Explains queries of a store: their plan, its reason, its estimated cost and the measured rows and time.
/// </summary>
/// <remarks>Each method executes the query once, and returns no data.</remarks>
public static class EventStorePlanningExtensions
{
    /// <summary>Explains a page of the log.</summary>
    /// <param name="store">The store.</param>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotSupportedException">The storage cannot explain queries.</exception>
    public static async ValueTask<QueryExplanation> Explain(
        this EventStore store, LogPageQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(query.Filter, nameof(query));
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        var stored = query with { Filter = store.Types.WithFormerNames(query.Filter) };
        var found = await PlannerOf(store).ExplainLog(stored, cancellationToken).ConfigureAwait(false);
        return found with { Query = QueryText.Of(query) };
    }

    /// <summary>Explains a page of a stream.</summary>
    /// <inheritdoc cref="Explain(EventStore, LogPageQuery, CancellationToken)"/>
    public static async ValueTask<QueryExplanation> Explain(
        this EventStore store, StreamPageQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        var found = await PlannerOf(store).ExplainStream(query, cancellationToken).ConfigureAwait(false);
        return found with { Query = QueryText.Of(query) };
    }

    /// <summary>Explains a page of documents.</summary>
    /// <param name="store">The store.</param>
    /// <param name="query">The query. Its collection may be the name of a read model, whose live documents are then
    /// read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CollectionNotFoundException">There is no read model and no collection of this name.</exception>
    /// <exception cref="NotSupportedException">The storage cannot explain queries.</exception>
    public static async ValueTask<QueryExplanation> Explain(
        this EventStore store, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(query);
        var planner = PlannerOf(store);
        var collection = await QueriedCollection
            .Find(store.Storage.Documents, query.Collection, cancellationToken)
            .ConfigureAwait(false);
        var stored = query with
        {
            Collection = collection.Name,
            Conditions =
            [
                .. QueriedCollection.Parse(query.Conditions, collection), .. NotExpired(store, query, collection),
            ],
        };
        var found = await planner.ExplainDocuments(stored, cancellationToken).ConfigureAwait(false);
        return found with { Query = QueryText.Of(stored) };
    }

    /// <summary>Explains the lookup of the owner of a unique value.</summary>
    /// <param name="store">The store.</param>
    /// <param name="scope">The scope of the claim.</param>
    /// <param name="value">The claimed value.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotSupportedException">The storage cannot explain queries.</exception>
    public static async ValueTask<QueryExplanation> ExplainClaim(
        this EventStore store, string scope, string value, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(scope);
        ArgumentException.ThrowIfNullOrEmpty(value);
        var found = await PlannerOf(store).ExplainClaim(scope, value, cancellationToken).ConfigureAwait(false);
        return found with { Query = $"the owner of a value of '{scope}'" };
    }

    /// <summary>
    /// Lists the shapes of queries that applications have executed, most executions first. An application stores its
    /// counts every 30 seconds and when it stops.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static ValueTask<IReadOnlyList<QueryUse>> ListQueries(
        this EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new QueryUseStore(store).Read(cancellationToken);
    }

    /// <summary>Returns the condition that a query of a read model adds if its documents can expire.</summary>
    private static IEnumerable<FieldCondition> NotExpired(
        EventStore store, DocumentQuery query, CollectionDefinition collection) =>
        query.Collection != collection.Name
            && store.ReadModels.NotExpired(collection, store.Time.GetUtcNow()) is { } condition
                ? [condition]
                : [];

    private static IQueryPlanner PlannerOf(EventStore store) =>
        store.Storage.Planner
        ?? throw new NotSupportedException(
            $"{store.Description} cannot explain queries: it implements no IQueryPlanner.");
}
