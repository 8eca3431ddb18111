using System.Globalization;
using Millrace.Store;

namespace Millrace.Planning;

/// <summary>
/// Proposes to remove what no query used for 30 days, if nodes remembered all queries of each of these days.
/// </summary>
internal sealed class UnusedIndexes(EventStore store, IReadOnlyList<QueryUse> uses)
{
    private readonly DateTimeOffset _limit =
        store.Time.GetUtcNow() - TimeSpan.FromDays(QueryCoverageStore.MinDays);

    public async ValueTask<IReadOnlyList<QueryAdvice>> Advise(CancellationToken cancellationToken)
    {
        var advice = new List<QueryAdvice>();
        if (uses.Count == 0)
            return advice;
        if (await FindGap(cancellationToken).ConfigureAwait(false) is { } gap)
            return [Omission("removals", QueryShape.LogSource, "Unused indexes are not proposed for removal. " + gap)];
        var canApply = store.Storage.Planner?.Indexes?.CanBuild == true;
        foreach (var index in await new AdvisedIndexStore(store).Read(cancellationToken).ConfigureAwait(false))
        {
            var queries = uses
                .Where(use => use.Shape.Source == index.ReadModel && IndexCandidate.Serves(index.Fields, use.Shape))
                .ToList();
            if (index.BuiltAt <= _limit && queries.TrueForAll(use => use.LastUse <= _limit))
                advice.Add(Remove(index.Name, index.ReadModel, index.Fields, queries, "advise remove", canApply));
        }
        foreach (var readModel in uses.Where(use => !use.Shape.IsOfLog).Select(use => use.Shape.Source).Distinct())
            advice.AddRange(await OfMembers(readModel, cancellationToken).ConfigureAwait(false));
        return advice;
    }

    /// <summary>Returns an entry that states what could not be proposed, and why.</summary>
    public static QueryAdvice Omission(string name, string source, string reason) =>
        new() { Kind = AdviceKind.Omission, Name = name, Source = source, Reason = reason };

    private async ValueTask<string?> FindGap(CancellationToken cancellationToken)
    {
        var first = uses.Min(use => use.FirstUse);
        return first > _limit
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Queries are remembered since {first:yyyy-MM-dd}; {QueryCoverageStore.MinDays} days are needed.")
            : await new QueryCoverageStore(store).FindGap(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the marked members of a read model that no query names.</summary>
    private async ValueTask<IEnumerable<QueryAdvice>> OfMembers(
        string readModel, CancellationToken cancellationToken)
    {
        var collection = await QueriedCollection
            .TryFind(store.Storage.Documents, readModel, cancellationToken)
            .ConfigureAwait(false);
        var queries = uses.Where(use => use.Shape.Source == readModel).ToList();
        if (collection is null || queries.Min(use => use.FirstUse) > _limit)
            return [];
        return collection.Fields
            .Where(field => queries.TrueForAll(use => use.LastUse <= _limit || !Names(use.Shape, field.Name)))
            .Select(field => Remove(
                IndexCandidate.NameOf("idx", readModel, [field.Name]),
                readModel,
                [field.Name],
                [.. queries.Where(use => Names(use.Shape, field.Name))],
                "removing the mark [Indexed]",
                canApply: false));
    }

    private static bool Names(QueryShape shape, string field) =>
        shape.OrderBy == field || shape.Terms.Any(term => term.Field == field);

    private static QueryAdvice Remove(
        string name,
        string source,
        IReadOnlyList<string> fields,
        IReadOnlyList<QueryUse> queries,
        string remedy,
        bool canApply) =>
        new()
        {
            Kind = AdviceKind.RemoveIndex,
            Name = name,
            Source = source,
            Fields = fields,
            BuiltKind = IndexKind.BTree,
            Queries = queries,
            Reason = $"No remembered query used the index for {QueryCoverageStore.MinDays} days, and each write "
                + $"updates it. Remove it by {remedy}.",
            CanApply = canApply,
        };
}
