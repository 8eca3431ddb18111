using Millrace.Planning;

namespace Millrace;

/// <summary>Proposes what would make the remembered queries of a store faster, and builds advised indexes.</summary>
public static class EventStoreAdviceExtensions
{
    /// <summary>
    /// Proposes indexes, materialized views, caching and removals, from the remembered shapes of queries. Each new
    /// index is verified on a copy of the documents, or by the database's planner.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<IReadOnlyList<QueryAdvice>> Advise(
        this EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var uses = await store.ListQueries(cancellationToken).ConfigureAwait(false);
        var costs = await KeptResultCosts.Measure(store, uses, cancellationToken).ConfigureAwait(false);
        var missing = await new MissingIndexes(store).Advise(uses, cancellationToken).ConfigureAwait(false);
        var indexes = await new IndexAdvisor(store, uses).Advise(cancellationToken).ConfigureAwait(false);
        return
        [
            .. missing,
            .. indexes.Where(found => !missing.Any(known => known.Name == found.Name)),
            .. new ResultAdvisor(uses, costs).Advise(),
            .. await new UnusedIndexes(store, uses).Advise(cancellationToken).ConfigureAwait(false),
        ];
    }

    /// <summary>
    /// Builds an advised index while the store is in use, and measures its gain on the real documents. Also builds an
    /// advised index again that is missing. On PostgreSQL, reads and writes continue meanwhile. On SQLite, writes wait,
    /// and fail as busy after <c>BusyTimeout</c> in other processes. A build that fails or is cancelled is removed.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The name of an advice of the kind <see cref="AdviceKind.CreateIndex"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AdviceNotFoundException">There is no such advice.</exception>
    public static async ValueTask<AppliedIndex> ApplyAdvice(
        this EventStore store, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var uses = await store.ListQueries(cancellationToken).ConfigureAwait(false);
        if (await new MissingIndexes(store).Find(name, cancellationToken).ConfigureAwait(false) is { } missing)
            return await new AdvisedIndexBuilder(store)
                .Build(missing, MissingIndexes.ShapeOf(missing, uses), cancellationToken)
                .ConfigureAwait(false);
        var advice = await new IndexAdvisor(store, uses).Advise(name, cancellationToken).ConfigureAwait(false);
        return await new AdvisedIndexBuilder(store).Build(advice, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the indexes that were built on advice, ordered by name.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static ValueTask<IReadOnlyList<AdvisedIndex>> ListAdvisedIndexes(
        this EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new MissingIndexes(store).List(cancellationToken);
    }

    /// <summary>
    /// Removes an index that was built on advice from all collections of its read model. An interrupted removal can be
    /// repeated.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The name of the index.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AdviceNotFoundException">There is no such index.</exception>
    public static ValueTask RemoveAdvisedIndex(
        this EventStore store, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(name);
        return new AdvisedIndexBuilder(store).Remove(name, cancellationToken);
    }
}
