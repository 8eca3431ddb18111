using System.Diagnostics;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Planning;

/// <summary>
/// Builds and removes advised indexes in all collections of their read models. The record of an index shows what was
/// interrupted, so that a removal can be repeated.
/// </summary>
internal sealed class AdvisedIndexBuilder(EventStore store)
{
    private const int Executions = 5;

    private static readonly TimeSpan Tick = new(1);
    private static readonly TimeSpan CleanupLimit = TimeSpan.FromSeconds(10);

    private readonly AdvisedIndexStore _indexes = new(store);

    // As stored: a sample document then has the hashes of encrypted values.
    private IStorage Stored => store.Stored.Storage;

    /// <summary>Builds an advised index, and measures its gain.</summary>
    /// <exception cref="StorageException">The index cannot be built, or the read model is empty.</exception>
    public ValueTask<AppliedIndex> Build(QueryAdvice advice, CancellationToken cancellationToken)
    {
        var index = new AdvisedIndex
        {
            Name = advice.Name,
            ReadModel = advice.Source,
            Fields = advice.Fields,
            BuiltAt = store.Time.GetUtcNow(),
            SizeBytes = advice.Trial?.SizeBytes ?? 0,
            State = AdvisedIndexState.Building,
        };
        return Build(index, advice.Queries[0].Shape, cancellationToken);
    }

    /// <summary>
    /// Builds an index in all collections that lack it, and measures its gain. A build that fails or is cancelled
    /// removes what it built. After a complete build, the index remains.
    /// </summary>
    /// <exception cref="StorageException">The index cannot be built, or the read model is empty.</exception>
    public async ValueTask<AppliedIndex> Build(
        AdvisedIndex index, QueryShape shape, CancellationToken cancellationToken)
    {
        RequireDirectConnection();
        var live = await QueriedCollection
            .Find(Stored.Documents, index.ReadModel, cancellationToken)
            .ConfigureAwait(false);
        var query = await SampleQuery
            .Create(Stored.Documents, live, shape, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new StorageException(
                $"The read model '{index.ReadModel}' has no documents any more, so the index cannot be measured.",
                StorageProblem.Other);
        var planner = Stored.Planner!; // Otherwise there is no advice.
        var before = await Measure(planner, query, shape.IsCount, cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        await BuildMissing(index, cancellationToken).ConfigureAwait(false);
        var buildTime = Stopwatch.GetElapsedTime(started);
        index = index with { State = AdvisedIndexState.Built };
        await _indexes.Put(index, cancellationToken).ConfigureAwait(false); // Before it is measured: both can fail.
        var after = await Measure(planner, query, shape.IsCount, cancellationToken).ConfigureAwait(false);
        index = index with { Speedup = before.Duration / (after.Duration > TimeSpan.Zero ? after.Duration : Tick) };
        await _indexes.Put(index, cancellationToken).ConfigureAwait(false);
        return new AppliedIndex { Index = index, Before = before, After = after, BuildTime = buildTime };
    }

    private async ValueTask BuildMissing(AdvisedIndex index, CancellationToken cancellationToken)
    {
        var isAdded = await _indexes
            .TryAdd(index with { State = AdvisedIndexState.Building }, cancellationToken)
            .ConfigureAwait(false); // Before a rebuild starts.
        var built = new List<string>();
        try
        {
            foreach (var collection in await CollectionsOf(index.ReadModel, cancellationToken).ConfigureAwait(false))
            {
                if (AdvisedIndexStore.Fits(index, collection)
                    && await Stored.Planner!.Indexes!
                        .Create(collection.Name, new DocumentIndex(index.Name, index.Fields), cancellationToken)
                        .ConfigureAwait(false))
                    built.Add(collection.Name);
            }
        }
        catch
        {
            await TryUndo(index, built, isAdded).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Removes an index. Also removes one without a record, which an interrupted removal left.</summary>
    /// <exception cref="AdviceNotFoundException">There is no such index.</exception>
    public async ValueTask Remove(string name, CancellationToken cancellationToken)
    {
        RequireDirectConnection();
        var all = await _indexes.Read(cancellationToken).ConfigureAwait(false);
        if (all.FirstOrDefault(known => known.Name == name) is { } index)
            await Remove(index, cancellationToken).ConfigureAwait(false);
        else if (!await TryDrop(name, readModel: null, cancellationToken).ConfigureAwait(false))
            throw new AdviceNotFoundException(name, [.. all.Select(known => known.Name)]);
    }

    private async ValueTask Remove(AdvisedIndex index, CancellationToken cancellationToken)
    {
        // Before a rebuild builds it again.
        await _indexes
            .Put(index with { State = AdvisedIndexState.Removing }, cancellationToken)
            .ConfigureAwait(false);
        await TryDrop(index.Name, index.ReadModel, cancellationToken).ConfigureAwait(false);
        await _indexes.Remove(index.Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes what a failed build built: other builds of the same index remain. On a failure, the record shows that
    /// the index must be removed.
    /// </summary>
    private async ValueTask TryUndo(AdvisedIndex index, IReadOnlyList<string> built, bool isAdded)
    {
        using var limit = new CancellationTokenSource(CleanupLimit, store.Time);
        try
        {
            if (isAdded)
                await _indexes
                    .Put(index with { State = AdvisedIndexState.Removing }, limit.Token)
                    .ConfigureAwait(false);
            foreach (var collection in built)
                await Stored.Planner!.Indexes!.Drop(collection, index.Name, limit.Token).ConfigureAwait(false);
            if (isAdded)
                await _indexes.Remove(index.Name, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            // The failure of the build is reported.
        }
    }

    /// <exception cref="StorageException">The connection does not allow to build and remove indexes.</exception>
    private void RequireDirectConnection()
    {
        if (Stored.Planner?.Indexes is { CanBuild: false })
            throw new StorageException(
                $"Indexes of {store.Description} cannot be built or removed through a pool of statements. Connect "
                    + "directly to the database.",
                StorageProblem.Other);
    }

    /// <summary>Removes an index from the collections of a read model, or of all. Returns whether it existed.</summary>
    private async ValueTask<bool> TryDrop(string name, string? readModel, CancellationToken cancellationToken)
    {
        if (Stored.Planner?.Indexes is not { } built || !DocumentIndex.IsName(name))
            return false;
        var isDropped = false;
        foreach (var collection in await CollectionsOf(readModel, cancellationToken).ConfigureAwait(false))
            isDropped |= await built.Drop(collection.Name, name, cancellationToken).ConfigureAwait(false);
        return isDropped;
    }

    private async ValueTask<IReadOnlyList<CollectionDefinition>> CollectionsOf(
        string? readModel, CancellationToken cancellationToken)
    {
        var all = await Stored.Documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(known => readModel is null || CollectionName.NameOf(known.Name) == readModel)];
    }

    /// <summary>Returns the fastest of several executions.</summary>
    private static async ValueTask<QueryExplanation> Measure(
        IQueryPlanner planner, DocumentQuery query, bool isCount, CancellationToken cancellationToken)
    {
        QueryExplanation? best = null;
        for (var i = 0; i < Executions; i++)
        {
            var explained = isCount
                ? await planner
                    .ExplainCount(query.Collection, query.Conditions, cancellationToken)
                    .ConfigureAwait(false)
                : await planner.ExplainDocuments(query, cancellationToken).ConfigureAwait(false);
            if (best is null || explained.Duration < best.Duration)
                best = explained;
        }
        return best! with { Query = QueryText.Of(query with { Conditions = [] }) }; // Set by the first execution.
    }
}
