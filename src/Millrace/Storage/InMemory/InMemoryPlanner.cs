using System.Diagnostics;

namespace Millrace.Storage.InMemory;

/// <summary>Explains the queries of an in-memory storage.</summary>
internal sealed class InMemoryPlanner(InMemoryData data) : IQueryPlanner
{
    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var rows = InMemoryPages.OfLog(data.Events, query).Events.Count;
            return ValueTask.FromResult(Explained(PlanOf(query.Filter), rows, null, started));
        }
    }

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var rows = InMemoryPages.OfStream(data.Events, data.Streams, query).Events.Count;
            var plan = IndexScan("positions of the stream", "Each stream has a list of its positions.");
            return ValueTask.FromResult(Explained(plan, rows, rows, started));
        }
    }

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var rows = data.Claims.ContainsKey((scope, value)) ? 1 : 0;
            var plan = IndexScan("claims by scope and value", "A claim is found by its scope and its value.");
            return ValueTask.FromResult(Explained(plan, rows, rows, started));
        }
    }

    public ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        using (data.Reading(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var table = data.GetCollection(query.Collection);
            var rows = new InMemoryQuery(table, query).Run().Documents.Count;
            var plan = FullScan("Documents in memory have no indexes of fields: each document is checked and sorted.");
            return ValueTask.FromResult(Explained(plan, rows, table.Count, started));
        }
    }

    public ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        using (data.Reading(cancellationToken))
        {
            var started = Stopwatch.GetTimestamp();
            var table = data.GetCollection(collection);
            _ = InMemoryQuery.Matching(table, conditions).LongCount();
            var plan = FullScan("Documents in memory have no indexes of fields: each document is checked.");
            return ValueTask.FromResult(Explained(plan, rows: 1, table.Count, started));
        }
    }

    private static QueryPlan PlanOf(EventFilter filter)
    {
        if (filter.Tags.Count > 0 || filter.CorrelationId is not null)
            return IndexScan(
                "positions of the tag or correlation id", "The shortest list of positions that the filter names.");
        if (filter.Types.Count > 0)
            return QueryPlan.Combine(
                [
                    .. Enumerable.Repeat(
                        IndexScan("positions of the type", "Each type has a list of its positions."),
                        filter.Types.Count),
                ],
                "The positions of all types are merged.");
        return (filter with { From = null, To = null }).IsAll
            ? IndexScan("positions", "Every event of the range is a result.")
            : FullScan("No list of positions covers the filter: each event of the range is checked.");
    }

    private static QueryExplanation Explained(QueryPlan plan, long rows, long? readRows, long started) =>
        new()
        {
            Plan = plan,
            Rows = rows,
            ReadRows = readRows,
            Duration = Stopwatch.GetElapsedTime(started),
        };

    private static QueryPlan IndexScan(string index, string reason) =>
        new()
        {
            Kind = PlanKind.IndexScan,
            Index = index,
            Reason = reason,
        };

    private static QueryPlan FullScan(string reason) => new() { Kind = PlanKind.FullScan, Reason = reason };
}
