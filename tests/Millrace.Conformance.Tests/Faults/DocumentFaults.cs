using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class IgnoresDescending(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(query with { IsDescending = false }, cancellationToken);
}

internal sealed class GivesOneDocumentTooMany(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(query with { Limit = query.Limit + 1 }, cancellationToken);
}

/// <summary>Continues after the last value instead of the last key and loses documents with equal values.</summary>
internal sealed class LosesTies(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(
            query with
            {
                After = query.After is { } after ? after with { Key = query.IsDescending ? "" : "\U0010ffff" } : null,
            },
            cancellationToken);
}

internal sealed class AlwaysPointsToAnotherPage(IStorage inner) : FaultyDocuments(inner)
{
    public override async ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        var page = await base.Query(query, cancellationToken);
        return page is { Next: null, Documents: [.., var last] }
            ? page with
            {
                Next = new DocumentCursor(default, last.Key),
            }
            : page;
    }
}

internal sealed class TakesNullForSmaller(IStorage inner) : FaultyDocuments(inner)
{
    public override async ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var count = await base.Count(collection, conditions, cancellationToken);
        if (conditions is [{ Comparison: Comparison.Less } condition])
            count += await base.Count(
                collection,
                [new FieldCondition(condition.Field, Comparison.Equal, FieldValue.Null)],
                cancellationToken);
        return count;
    }
}

/// <summary>Does not return null for a condition that a field differs from a value, like a comparison in SQL.</summary>
internal sealed class LosesNullsThatDiffer(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(
            query with
            {
                Conditions =
                [
                    .. query.Conditions,
                    .. query
                        .Conditions.Where(condition => condition.Comparison == Comparison.NotEqual)
                        .Select(condition => condition with { Value = FieldValue.Null }),
                ],
            },
            cancellationToken);
}

internal sealed class KeepsDocumentsOfOtherFields(IStorage inner) : FaultyDocuments(inner)
{
    private readonly HashSet<string> _known = [];

    public override async ValueTask<bool> EnsureCollection(
        CollectionDefinition collection,
        CancellationToken cancellationToken
    ) => !_known.Add(collection.Name) || await base.EnsureCollection(collection, cancellationToken);
}

internal sealed class ClearsWithoutTheCheckpoint(IStorage inner) : FaultyDocuments(inner)
{
    public override ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        base.Clear(collection, null, cancellationToken);
}

internal sealed class CountsNoDocumentVersions(IStorage inner) : FaultyDocuments(inner)
{
    public override async ValueTask<Document?> Get(
        string collection,
        string key,
        CancellationToken cancellationToken
    ) => await base.Get(collection, key, cancellationToken) is { } document ? document with { Version = 1 } : null;
}

/// <summary>Counts the changes of each document, and restarts the count when the document is removed.</summary>
internal sealed class RestartsDocumentVersions(IStorage inner) : FaultyLog(inner)
{
    private readonly Dictionary<(string Collection, string Key), (long Reported, long Stored)> _versions = [];

    public static FaultyStorage Storage()
    {
        RestartsDocumentVersions? log = null;
        return FaultyStorage.With(
            inner => log = new RestartsDocumentVersions(inner),
            inner => new RestartedVersions(inner, log!)); // The log is created first.
    }

    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = await base.Commit(batch, now, cancellationToken);
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Result == CommitResult.Committed && batch[i].Documents.Count > 0)
                outcomes[i] = ApplyFault(batch[i], outcomes[i]);
        }
        return outcomes;
    }

    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(
            documents:
            [
                .. request.Documents.Select(change =>
                    change.FromVersion > 0 ? change with { FromVersion = StoredVersionOf(change) } : change),
            ]
        );

    private long StoredVersionOf(DocumentChange change)
    {
        var (reported, stored) = _versions.GetValueOrDefault((change.Collection, change.Key));
        return reported == change.FromVersion ? stored : long.MaxValue;
    }

    private CommitOutcome ApplyFault(CommitRequest request, CommitOutcome outcome)
    {
        var last = 0L;
        foreach (var change in request.Documents)
        {
            var key = (change.Collection, change.Key);
            if (change.Body is null)
                _versions.Remove(key);
            else
                _versions[key] = (last = _versions.GetValueOrDefault(key).Reported + 1, outcome.DocumentVersion);
        }
        return CommitOutcome.Committed([.. outcome.Placements], outcome.Position, outcome.Timestamp, last);
    }

    private sealed class RestartedVersions(IStorage inner, RestartsDocumentVersions log) : FaultyDocuments(inner)
    {
        public override async ValueTask<Document?> Get(
            string collection, string key, CancellationToken cancellationToken) =>
            await base.Get(collection, key, cancellationToken) is { } document
                ? document with { Version = log._versions[(collection, key)].Reported }
                : null;
    }
}
