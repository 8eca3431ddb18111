using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class IgnoresDescending(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(query with { IsDescending = false }, cancellationToken);
}

internal sealed class GivesOneDocumentTooMany(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(query with { Limit = query.Limit + 1 }, cancellationToken);
}

/// <summary>Goes on behind the last value and not behind the last key, so that ties are lost.</summary>
internal sealed class LosesTies(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(
            query with { After = query.After is { } after ? after with { Key = query.IsDescending ? "" : "\U0010ffff" } : null },
            cancellationToken);
}

internal sealed class AlwaysPointsToAnotherPage(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        var page = await base.Query(query, cancellationToken);
        return page is { Next: null, Documents: [.., var last] } ? page with { Next = new DocumentCursor(default, last.Key) } : page;
    }
}

internal sealed class TakesNullForSmaller(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var count = await base.Count(collection, conditions, cancellationToken);
        if (conditions is [{ Comparison: Comparison.Less } condition])
            count += await base.Count(
                collection, [new FieldCondition(condition.Field, Comparison.Equal, FieldValue.Null)], cancellationToken);
        return count;
    }
}

/// <summary>Does not find null where another value is asked not to be, as SQL's own comparison does not.</summary>
internal sealed class LosesNullsThatDiffer(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) => base.Query(
        query with
        {
            Conditions =
            [
                .. query.Conditions,
                .. query.Conditions.Where(one => one.Comparison == Comparison.NotEqual).Select(one => one with { Value = FieldValue.Null }),
            ],
        },
        cancellationToken);
}

internal sealed class KeepsDocumentsOfOtherFields(IStorage sound) : FaultyDocuments(sound)
{
    private readonly HashSet<string> _known = [];

    public override async ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        !_known.Add(collection.Name) || await base.EnsureCollection(collection, cancellationToken);
}

internal sealed class ClearsWithoutTheCheckpoint(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        base.Clear(collection, null, cancellationToken);
}

internal sealed class CountsNoDocumentVersions(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        await base.Get(collection, key, cancellationToken) is { } document ? document with { Version = 1 } : null;
}
