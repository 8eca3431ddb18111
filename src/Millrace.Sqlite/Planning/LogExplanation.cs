using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Storage;

namespace Millrace.Sqlite.Planning;

/// <summary>Describes how the log is read.</summary>
internal static class LogExplanation
{
    private const string Positions = "events primary key (position)";

    public static QueryPlan PlanOf(Connection connection, LogPageQuery query, LogMeasurement measured)
    {
        if (measured.Plan is not { } plan)
            return new QueryPlan
            {
                Kind = PlanKind.IndexScan,
                Index = Positions,
                Reason = "The range of positions is empty, or the names in the filter were never stored.",
            };
        var sql = LogSourceSql.Read(plan.Source, query.IsBackwards, isWhole: true);
        var detail = string.Join("; ", PlanLines.Of(connection, sql));
        if (plan.Source == LogSource.Log)
            return PlanOfLog(query.Filter, measured.HasIndex) with { Detail = detail };
        if (plan.Source == LogSource.Tag)
            return QueryPlan.Combine(
                [
                    IndexScan("event_tags primary key (tag, position)", "The tag has few events.", detail),
                    IndexScan(Positions, "Each position of the tag is looked up in the log.", detail),
                ],
                "The tag selects positions, and each position selects an event.");
        var part = IndexScan(NameOf(plan.Source), ReasonOf(plan.Source), detail);
        return plan.Keys.Count == 0
            ? part
            : QueryPlan.Combine(
                [.. Enumerable.Repeat(part, plan.Keys.Count)],
                $"The index is read once for each of {plan.Keys.Count} keys, and the results are merged by position.");
    }

    public static QueryPlan PlanOfStream(Connection connection, bool isBackwards) =>
        IndexScan(
            NameOf(LogSource.Stream),
            "The index contains the events of a stream in the order of their versions.",
            string.Join("; ", PlanLines.Of(connection, StreamQueries.PageSql(isBackwards))));

    public static QueryPlan PlanOfClaim(Connection connection) =>
        IndexScan(
            "claims primary key (scope, value)",
            "A claim is found by its scope and its value.",
            string.Join("; ", PlanLines.Of(connection, AuxiliaryTables.SelectClaim)));

    private static QueryPlan PlanOfLog(EventFilter filter, bool hasIndex)
    {
        if ((filter with { From = null, To = null }).IsAll)
            return IndexScan(
                Positions,
                filter.IsAll
                    ? "Every event of the range is a result."
                    : "Times never decrease in the log, so that a time range is a range of positions.",
                null);
        return new QueryPlan
        {
            Kind = PlanKind.FullScan,
            Reason = hasIndex
                ? "At least a third of the sampled events match, so that a scan is faster than lookups by an index."
                : "No index covers the filter, or too many keys match: each event of the range is checked.",
        };
    }

    private static QueryPlan IndexScan(string index, string reason, string? detail) =>
        new()
        {
            Kind = PlanKind.IndexScan,
            Index = index,
            Reason = reason,
            Detail = detail,
        };

    private static string NameOf(LogSource source) => source switch
    {
        LogSource.Type => "events_by_type",
        LogSource.Correlation => "events_by_correlation",
        LogSource.Source => "events_by_source",
        LogSource.Stream => "events_by_stream",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "The source has no own index."),
    };

    private static string ReasonOf(LogSource source) => source switch
    {
        LogSource.Type => "The index of types has the fewest events per position, and a scan would read more.",
        LogSource.Correlation => "Few events have the same correlation id.",
        LogSource.Source => "The index of sources has the fewest events per position, and a scan would read more.",
        _ => "Few streams have the prefix, so that their events are read by the index of streams.",
    };
}
