using Millrace.Storage;

namespace Millrace.Planning;

/// <summary>Proposes indexes of several members, and verifies each with the storage.</summary>
internal sealed class IndexAdvisor(EventStore store, IReadOnlyList<QueryUse> uses)
{
    private const double MinSpeedup = 1.25;

    private readonly Frequencies _frequencies = new(uses);

    // As stored: a sample document then has the hashes of encrypted values.
    private IStorage Stored => store.Stored.Storage;

    public async ValueTask<IReadOnlyList<QueryAdvice>> Advise(CancellationToken cancellationToken)
    {
        var advice = new List<QueryAdvice>();
        if (Stored.Planner?.Indexes is not { } indexes)
            return advice;
        foreach (var candidate in IndexCandidate.Of(uses))
        {
            if (await Advise(indexes, candidate, cancellationToken).ConfigureAwait(false) is { } found)
                advice.Add(found);
        }
        advice.Sort(static (left, right) => right.SavedTime.CompareTo(left.SavedTime));
        return advice;
    }

    private async ValueTask<QueryAdvice?> Advise(
        IDocumentIndexes indexes, IndexCandidate candidate, CancellationToken cancellationToken)
    {
        var frequency = _frequencies.Of(candidate.Uses);
        if (frequency == QueryFrequency.Low
            || await QueriedCollection.TryFind(Stored.Documents, candidate.Source, cancellationToken)
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
            return null;
        var index = new DocumentIndex(candidate.Name, candidate.Fields);
        var trial = await indexes.Try(query, index, cancellationToken).ConfigureAwait(false);
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
            CanApply = true,
        };
    }

    /// <summary>Returns how many times less an execution costs, by the database's own measure.</summary>
    public static double SpeedupOf(QueryExplanation before, QueryExplanation after) =>
        before.DatabaseCost is { } costBefore && after.DatabaseCost is { } costAfter
            ? costBefore / Math.Max(costAfter, 1)
            : before.Duration / (after.Duration > TimeSpan.Zero ? after.Duration : new TimeSpan(1));
}
