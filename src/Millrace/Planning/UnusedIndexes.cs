using Millrace.Store;

namespace Millrace.Planning;

/// <summary>Proposes to remove what no remembered query used for 30 days.</summary>
internal sealed class UnusedIndexes(EventStore store, IReadOnlyList<QueryUse> uses)
{
    private const int MinDays = 30;

    private readonly DateTimeOffset _limit = store.Time.GetUtcNow() - TimeSpan.FromDays(MinDays);

    public async ValueTask<IReadOnlyList<QueryAdvice>> Advise(CancellationToken cancellationToken)
    {
        var advice = new List<QueryAdvice>();
        if (uses.Count == 0 || uses.Min(use => use.FirstUse) > _limit)
            return advice; // Queries have not been remembered for long enough.
        foreach (var index in await new AdvisedIndexStore(store).Read(cancellationToken).ConfigureAwait(false))
        {
            var queries = uses
                .Where(use => use.Shape.Source == index.ReadModel && IndexCandidate.Serves(index.Fields, use.Shape))
                .ToList();
            if (index.BuiltAt <= _limit && queries.TrueForAll(use => use.LastUse <= _limit))
                advice.Add(Remove(index.Name, index.ReadModel, index.Fields, queries, "advise remove", canApply: true));
        }
        foreach (var readModel in uses.Where(use => !use.Shape.IsOfLog).Select(use => use.Shape.Source).Distinct())
            advice.AddRange(await OfMembers(readModel, cancellationToken).ConfigureAwait(false));
        return advice;
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
            Reason = $"No query used the index for {MinDays} days, and each write updates it. Remove it by {remedy}.",
            CanApply = canApply,
        };
}
