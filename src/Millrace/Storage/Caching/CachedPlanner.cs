using System.Diagnostics;

namespace Millrace.Storage.Caching;

/// <summary>
/// Explains the reads of a storage whose log is partly or wholly in memory: as cached if the copy answers, otherwise
/// with the plan of the primary storage. An explanation adds nothing to the copy.
/// </summary>
internal sealed class CachedPlanner(IQueryPlanner primary, CachedLog log, ILogCopy copy) : IQueryPlanner
{
    public IDocumentIndexes? Indexes => primary.Indexes;

    public async ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        if (copy.IsWhole)
        {
            var started = Stopwatch.GetTimestamp();
            await log.CatchUp(cancellationToken).ConfigureAwait(false);
            if (copy.TryRead(query, out var page))
                return Cached(page, "The node keeps the whole log in memory.", started);
        }
        return await primary.ExplainLog(query, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await log.CatchUp(cancellationToken).ConfigureAwait(false);
        if (copy.TryRead(query, out var page))
            return Cached(
                page,
                copy.IsWhole
                    ? "The node keeps the whole log in memory."
                    : "The node keeps the streams in memory that it read last.",
                started);
        return await primary.ExplainStream(query, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken) =>
        primary.ExplainClaim(scope, value, cancellationToken);

    public ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken) =>
        primary.ExplainDocuments(query, cancellationToken);

    public ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        primary.ExplainCount(collection, conditions, cancellationToken);

    /// <summary>Returns the explanation. Its time contains the comparison of the copy with the log.</summary>
    private static QueryExplanation Cached(EventPage page, string reason, long started) =>
        new()
        {
            Plan = new QueryPlan
            {
                Kind = PlanKind.Cached,
                Reason = reason + " It compared the end of the log with its copy.",
            },
            Rows = page.Events.Count,
            Duration = Stopwatch.GetElapsedTime(started),
        };
}
