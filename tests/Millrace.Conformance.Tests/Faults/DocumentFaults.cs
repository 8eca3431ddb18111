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

/// <summary>Continues behind the last value and not behind the last key, so that ties are lost.</summary>
internal sealed class LosesTies(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(
            query with
            {
                After = query.After is { } after ? after with { Key = query.IsDescending ? "" : "\U0010ffff" } : null,
            },
            cancellationToken);
}

internal sealed class AlwaysPointsToAnotherPage(IStorage sound) : FaultyDocuments(sound)
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

internal sealed class TakesNullForSmaller(IStorage sound) : FaultyDocuments(sound)
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

/// <summary>Does not find null where another value is asked not to be, as SQL's own comparison does not.</summary>
internal sealed class LosesNullsThatDiffer(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        base.Query(
            query with
            {
                Conditions =
                [
                    .. query.Conditions,
                    .. query
                        .Conditions.Where(one => one.Comparison == Comparison.NotEqual)
                        .Select(one => one with { Value = FieldValue.Null }),
                ],
            },
            cancellationToken);
}

internal sealed class KeepsDocumentsOfOtherFields(IStorage sound) : FaultyDocuments(sound)
{
    private readonly HashSet<string> _known = [];

    public override async ValueTask<bool> EnsureCollection(
        CollectionDefinition collection,
        CancellationToken cancellationToken
    ) => !_known.Add(collection.Name) || await base.EnsureCollection(collection, cancellationToken);
}

internal sealed class ClearsWithoutTheCheckpoint(IStorage sound) : FaultyDocuments(sound)
{
    public override ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        base.Clear(collection, null, cancellationToken);
}

internal sealed class CountsNoDocumentVersions(IStorage sound) : FaultyDocuments(sound)
{
    public override async ValueTask<Document?> Get(
        string collection,
        string key,
        CancellationToken cancellationToken
    ) => await base.Get(collection, key, cancellationToken) is { } document ? document with { Version = 1 } : null;
}

/// <summary>Counts each document's changes, and forgets the count when the document is removed.</summary>
internal sealed class RestartsDocumentVersions(IStorage sound) : FaultyLog(sound)
{
    private readonly Dictionary<(string Collection, string Key), (long Told, long Given)> _versions = [];

    public static FaultyStorage Storage()
    {
        RestartsDocumentVersions? log = null;
        return FaultyStorage.With(
            sound => log = new RestartsDocumentVersions(sound),
            sound => new Told(sound, log!)); // Made in this order.
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
                    change.FromVersion > 0 ? change with { FromVersion = GivenFor(change) } : change),
            ]
        );

    private long GivenFor(DocumentChange change)
    {
        var (told, given) = _versions.GetValueOrDefault((change.Collection, change.Key));
        return told == change.FromVersion ? given : long.MaxValue;
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
                _versions[key] = (last = _versions.GetValueOrDefault(key).Told + 1, outcome.DocumentVersion);
        }
        return CommitOutcome.Committed([.. outcome.Placements], outcome.Position, outcome.Timestamp, last);
    }

    private sealed class Told(IStorage sound, RestartsDocumentVersions log) : FaultyDocuments(sound)
    {
        public override async ValueTask<Document?> Get(
            string collection, string key, CancellationToken cancellationToken) =>
            await base.Get(collection, key, cancellationToken) is { } document
                ? document with { Version = log._versions[(collection, key)].Told }
                : null;
    }
}
