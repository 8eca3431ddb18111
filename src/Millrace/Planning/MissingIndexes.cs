using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Planning;

/// <summary>
/// Finds advised indexes that a collection of their read model lacks, for example after a restore or an interrupted
/// build.
/// </summary>
internal sealed class MissingIndexes(EventStore store)
{
    private readonly AdvisedIndexStore _indexes = new(store);

    /// <summary>Returns all advised indexes, with their real states.</summary>
    public async ValueTask<IReadOnlyList<AdvisedIndex>> List(CancellationToken cancellationToken)
    {
        var records = await _indexes.Read(cancellationToken).ConfigureAwait(false);
        if (records.Count == 0 || store.Storage.Planner?.Indexes is not { } indexes)
            return records;
        var collections = await store.Storage.Documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        var existing = new Dictionary<string, IReadOnlyList<DocumentIndex>>(StringComparer.Ordinal);
        foreach (var collection in collections.Where(known => records.Any(index => Fits(index, known))))
            existing[collection.Name] = await indexes.List(collection.Name, cancellationToken).ConfigureAwait(false);
        return
        [
            .. records.Select(index => index.State == AdvisedIndexState.Built && collections.Any(
                collection => Fits(index, collection) && !existing[collection.Name].Any(
                    known => known.Name == index.Name))
                    ? index with { State = AdvisedIndexState.Missing }
                    : index),
        ];
    }

    /// <summary>Returns a missing index, or one whose build was interrupted; null if there is none.</summary>
    public async ValueTask<AdvisedIndex?> Find(string name, CancellationToken cancellationToken) =>
        (await List(cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(index => index.Name == name && Lacks(index));

    /// <summary>Proposes to build missing indexes.</summary>
    public async ValueTask<IReadOnlyList<QueryAdvice>> Advise(
        IReadOnlyList<QueryUse> uses, CancellationToken cancellationToken) =>
        [
            .. (await List(cancellationToken).ConfigureAwait(false)).Where(Lacks).Select(index => new QueryAdvice
            {
                Kind = AdviceKind.CreateIndex,
                Name = index.Name,
                Source = index.ReadModel,
                Fields = index.Fields,
                BuiltKind = IndexKind.BTree,
                Queries = Serving(index, uses),
                Frequency = new Frequencies(uses).Of(Serving(index, uses)),
                Reason = (index.State == AdvisedIndexState.Missing
                        ? "The index was built on advice, and is missing, for example after a restore."
                        : "The index is being built, or its build was interrupted.")
                    + $" To build it, run 'millrace advise apply {index.Name}'.",
                CanApply = store.Storage.Planner?.Indexes?.CanBuild == true,
            }),
        ];

    /// <summary>Returns the shape that an index serves most often.</summary>
    public static QueryShape ShapeOf(AdvisedIndex index, IReadOnlyList<QueryUse> uses) =>
        Serving(index, uses) is [var use, ..]
            ? use.Shape
            : new QueryShape
            {
                Source = index.ReadModel,
                Terms = [.. index.Fields.SkipLast(1).Select(field => new QueryTerm(field, Comparison.Equal)).Order()],
                OrderBy = index.Fields[^1],
            };

    private static List<QueryUse> Serving(AdvisedIndex index, IReadOnlyList<QueryUse> uses) =>
    [
        .. uses
            .Where(use => use.Shape.Source == index.ReadModel && IndexCandidate.Serves(index.Fields, use.Shape))
            .OrderByDescending(use => use.Count),
    ];

    private static bool Lacks(AdvisedIndex index) =>
        index.State is AdvisedIndexState.Missing or AdvisedIndexState.Building;

    private static bool Fits(AdvisedIndex index, CollectionDefinition collection) =>
        AdvisedIndexStore.Fits(index, collection);
}
