using System.Diagnostics;
using Millrace.Planning;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>Proposes what would make the remembered queries of a store faster, and builds advised indexes.</summary>
public static class EventStoreAdviceExtensions
{
    private const int Executions = 5;

    private static readonly TimeSpan Tick = new(1);

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
        return
        [
            .. await new IndexAdvisor(store, uses).Advise(cancellationToken).ConfigureAwait(false),
            .. new ResultAdvisor(uses).Advise(),
            .. await new UnusedIndexes(store, uses).Advise(cancellationToken).ConfigureAwait(false),
        ];
    }

    /// <summary>
    /// Builds an advised index while the store is in use, and measures its gain on the real documents. On PostgreSQL,
    /// reads and writes continue meanwhile; on SQLite, writes wait.
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
        var all = await new IndexAdvisor(store, uses).Advise(cancellationToken).ConfigureAwait(false);
        var advice = all.FirstOrDefault(found => found.Name == name)
            ?? throw new AdviceNotFoundException(name, [.. all.Select(found => found.Name)]);
        return await Build(store, advice, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the indexes that were built on advice, ordered by name.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static ValueTask<IReadOnlyList<AdvisedIndex>> ListAdvisedIndexes(
        this EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new AdvisedIndexStore(store).Read(cancellationToken);
    }

    /// <summary>Removes an index that was built on advice from all collections of its read model.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The name of the index.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AdviceNotFoundException">There is no such index.</exception>
    public static async ValueTask RemoveAdvisedIndex(
        this EventStore store, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var indexes = new AdvisedIndexStore(store);
        var all = await indexes.Read(cancellationToken).ConfigureAwait(false);
        var index = all.FirstOrDefault(known => known.Name == name)
            ?? throw new AdviceNotFoundException(name, [.. all.Select(known => known.Name)]);
        await indexes.Remove(name, cancellationToken).ConfigureAwait(false); // Before a rebuild builds it again.
        foreach (var collection in await CollectionsOf(store, index.ReadModel, cancellationToken).ConfigureAwait(false))
        {
            if (store.Storage.Planner?.Indexes is { } built)
                await built.Drop(collection.Name, name, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<AppliedIndex> Build(
        EventStore store, QueryAdvice advice, CancellationToken cancellationToken)
    {
        var storage = store.Stored.Storage;
        var live = await QueriedCollection
            .Find(storage.Documents, advice.Source, cancellationToken)
            .ConfigureAwait(false);
        var query = await SampleQuery
            .Create(storage.Documents, live, advice.Queries[0].Shape, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new AdviceNotFoundException(advice.Name, []); // The documents were removed meanwhile.
        var planner = storage.Planner!; // Otherwise there is no advice.
        var before = await Measure(planner, query, cancellationToken).ConfigureAwait(false);
        var index = new AdvisedIndex
        {
            Name = advice.Name,
            ReadModel = advice.Source,
            Fields = advice.Fields,
            BuiltAt = store.Time.GetUtcNow(),
            SizeBytes = advice.Trial?.SizeBytes ?? 0,
        };
        var indexes = new AdvisedIndexStore(store);
        await indexes.Put(index, cancellationToken).ConfigureAwait(false); // Before a rebuild starts.
        var started = Stopwatch.GetTimestamp();
        foreach (var collection in await CollectionsOf(store, advice.Source, cancellationToken).ConfigureAwait(false))
            await indexes.Ensure(collection, cancellationToken).ConfigureAwait(false);
        var buildTime = Stopwatch.GetElapsedTime(started);
        var after = await Measure(planner, query, cancellationToken).ConfigureAwait(false);
        index = index with { Speedup = before.Duration / (after.Duration > TimeSpan.Zero ? after.Duration : Tick) };
        await indexes.Put(index, cancellationToken).ConfigureAwait(false);
        return new AppliedIndex { Index = index, Before = before, After = after, BuildTime = buildTime };
    }

    /// <summary>Returns the fastest of several executions.</summary>
    private static async ValueTask<QueryExplanation> Measure(
        IQueryPlanner planner, DocumentQuery query, CancellationToken cancellationToken)
    {
        QueryExplanation? best = null;
        for (var i = 0; i < Executions; i++)
        {
            var explained = await planner.ExplainDocuments(query, cancellationToken).ConfigureAwait(false);
            if (best is null || explained.Duration < best.Duration)
                best = explained;
        }
        return best! with { Query = QueryText.Of(query with { Conditions = [] }) }; // Set by the first execution.
    }

    private static async ValueTask<IReadOnlyList<CollectionDefinition>> CollectionsOf(
        EventStore store, string readModel, CancellationToken cancellationToken)
    {
        var all = await store.Stored.Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        return
        [
            .. all.Select(info => info.Definition)
                .Where(definition => CollectionName.NameOf(definition.Name) == readModel),
        ];
    }
}
