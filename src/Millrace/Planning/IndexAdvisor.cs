using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Planning;

/// <summary>Proposes indexes of several members, and verifies each with the storage.</summary>
internal sealed class IndexAdvisor(EventStore store, IReadOnlyList<QueryUse> uses)
{
    private const double MinSpeedup = 1.25;

    private readonly Frequencies _frequencies = new(uses);

    // As stored: a sample document then has the hashes of encrypted values.
    private IStorage Stored => store.Stored.Storage;

    /// <summary>
    /// Returns all proposals, the largest gain first, and then the candidates that could not be tried.
    /// </summary>
    /// <exception cref="StorageException">Candidates exist, and none of them can be tried.</exception>
    public async ValueTask<IReadOnlyList<QueryAdvice>> Advise(CancellationToken cancellationToken)
    {
        var advice = new List<QueryAdvice>();
        var omitted = new List<QueryAdvice>();
        if (Stored.Planner?.Indexes is not { } indexes)
            return advice;
        var tried = 0;
        StorageException? failure = null;
        foreach (var candidate in await FindCandidates(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (await Try(indexes, candidate, cancellationToken).ConfigureAwait(false) is { } found)
                    advice.Add(found);
                tried++;
            }
            catch (ArgumentException exception)
            {
                // The collection was built again since, and the remembered query does not fit it.
                omitted.Add(OmissionOf(candidate, exception));
            }
            catch (StorageException exception) when (!cancellationToken.IsCancellationRequested)
            {
                failure = exception; // Such as a collection that was removed meanwhile.
                omitted.Add(OmissionOf(candidate, exception));
            }
        }
        if (failure is not null && tried == 0)
            throw failure;
        advice.Sort(static (left, right) => right.SavedTime.CompareTo(left.SavedTime));
        return [.. advice, .. omitted];
    }

    private static QueryAdvice OmissionOf(IndexCandidate candidate, Exception exception) => UnusedIndexes.Omission(
        candidate.Name, candidate.Source, $"The index could not be tried. {exception.Message}");

    /// <summary>Returns one proposal, and tries only this one.</summary>
    /// <exception cref="AdviceNotFoundException">There is no such proposal.</exception>
    public async ValueTask<QueryAdvice> Advise(string name, CancellationToken cancellationToken)
    {
        var candidates = Stored.Planner?.Indexes is null
            ? []
            : await FindCandidates(cancellationToken).ConfigureAwait(false);
        var advice = candidates.FirstOrDefault(candidate => candidate.Name == name) is { } named
            ? await Try(Stored.Planner!.Indexes!, named, cancellationToken).ConfigureAwait(false) // Checked above.
            : null;
        return advice is { Kind: AdviceKind.CreateIndex }
            ? advice
            : throw new AdviceNotFoundException(
                name, []); // Other candidates are proposals only if they were tried.
    }

    /// <summary>Returns the frequent candidates, with names that no other index has.</summary>
    private async ValueTask<IReadOnlyList<IndexCandidate>> FindCandidates(CancellationToken cancellationToken)
    {
        var built = await new AdvisedIndexStore(store).Read(cancellationToken).ConfigureAwait(false);
        return
        [
            .. IndexCandidate.WithUniqueNames(IndexCandidate.Of(uses), built)
                .Where(candidate => _frequencies.Of(candidate.Uses) != QueryFrequency.Low),
        ];
    }

    private async ValueTask<QueryAdvice?> Try(
        IDocumentIndexes indexes, IndexCandidate candidate, CancellationToken cancellationToken)
    {
        var frequency = _frequencies.Of(candidate.Uses);
        if (await QueriedCollection.TryFind(Stored.Documents, candidate.Source, cancellationToken)
                .ConfigureAwait(false) is not { } collection)
            return null;
        var existing = await indexes.List(collection.Name, cancellationToken).ConfigureAwait(false);
        if (existing.Any(index => index.Fields.Take(candidate.Fields.Count).SequenceEqual(candidate.Fields)))
            return null;
        var shape = candidate.Uses.MaxBy(use => use.Count)!.Shape; // A candidate has at least one use.
        var query = await SampleQuery
            .Create(Stored.Documents, collection, shape, cancellationToken)
            .ConfigureAwait(false);
        if (query is null)
            return UnusedIndexes.Omission(
                candidate.Name,
                candidate.Source,
                "The index could not be tried: the read model is empty, or the remembered query no longer fits it.");
        var index = new DocumentIndex(candidate.Name, candidate.Fields);
        var trial = await indexes.Try(query, shape.IsCount, index, cancellationToken).ConfigureAwait(false);
        var speedup = SpeedupOf(trial.Before, trial.After);
        if (!trial.IsUsed || speedup < MinSpeedup)
            return null;
        var total = new TimeSpan(candidate.Uses.Sum(use => use.TotalTime.Ticks));
        return new QueryAdvice
        {
            Kind = AdviceKind.CreateIndex,
            Name = candidate.Name,
            Source = candidate.Source,
            Fields = candidate.Fields,
            SuggestedKind = Frequencies.KindOf(frequency),
            BuiltKind = IndexKind.BTree,
            Queries = [.. candidate.Uses.OrderByDescending(use => use.Count)],
            Frequency = frequency,
            Reason = $"The query costs {speedup:N1} times less on {trial.Method}.",
            Trial = trial,
            SavedTime = total - (total / speedup),
            CanApply = indexes.CanBuild,
        };
    }

    /// <summary>Returns how many times less an execution costs, by the database's own measure.</summary>
    public static double SpeedupOf(QueryExplanation before, QueryExplanation after) =>
        before.DatabaseCost is { } costBefore && after.DatabaseCost is { } costAfter
            ? costBefore / Math.Max(costAfter, 1)
            : before.Duration / (after.Duration > TimeSpan.Zero ? after.Duration : new TimeSpan(1));
}
