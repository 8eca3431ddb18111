using System.Text.Json;
using Millrace.PostgreSql.Documents;

namespace Millrace.PostgreSql.Planning;

/// <summary>The scans in a plan of PostgreSQL, read from EXPLAIN (ANALYZE, FORMAT JSON).</summary>
/// <param name="collection">The collection of the query; null for a query of the log.</param>
internal sealed class ExplainedPlan(Collection? collection)
{
    /// <summary>The index by position. With a filter, it only bounds and orders a scan of the log.</summary>
    private const string Positions = "events_pkey";

    private readonly PlanConditions _conditions = new(collection);

    /// <summary>Returns the explanation of an executed statement.</summary>
    /// <param name="json">The answer of the server.</param>
    /// <param name="limit">The maximum number of rows of the page. The statement reads one row more.</param>
    public QueryExplanation Read(string json, long limit)
    {
        using var document = JsonDocument.Parse(json);
        var answer = document.RootElement[0];
        var root = answer.GetProperty("Plan");
        var scans = new List<(QueryPlan Plan, long Rows)>();
        AddScans(root, scans, sorts: false);
        var plans = scans.ConvertAll(scan => scan.Plan);
        if (plans.Count == 0)
            plans.Add(new QueryPlan
            {
                Kind = PlanKind.IndexScan,
                Reason = "The planner knows that no row can match, and reads nothing.",
                Detail = Text(root, "Node Type"),
            });
        return new QueryExplanation
        {
            Plan = QueryPlan.Combine(plans, "The planner combines several reads."),
            Rows = Math.Min(limit, (long)Number(root, "Actual Rows")),
            ReadRows = scans.Sum(scan => scan.Rows),
            Duration = TimeSpan.FromMilliseconds(Number(answer, "Execution Time")),
            DatabaseCost = Number(root, "Total Cost"),
        };
    }

    private void AddScans(JsonElement node, List<(QueryPlan Plan, long Rows)> scans, bool sorts)
    {
        var type = Text(node, "Node Type") ?? "";
        var isExecuted = !node.TryGetProperty("Actual Loops", out var loops) || loops.GetDouble() > 0;
        if (isExecuted && type.EndsWith("Scan", StringComparison.Ordinal) && PlanOf(node, type, sorts) is { } plan)
            scans.Add((plan, RowsOf(node)));
        if (!node.TryGetProperty("Plans", out var children))
            return;
        foreach (var child in children.EnumerateArray().Where(IsMain))
            AddScans(child, scans, sorts || type is "Sort" or "Incremental Sort");
    }

    /// <summary>Returns false for lookups of values that a statement needs, such as the bounds of a stream.</summary>
    private static bool IsMain(JsonElement node) => Text(node, "Parent Relationship") is not ("InitPlan" or "SubPlan");

    private QueryPlan? PlanOf(JsonElement node, string type, bool sorts) => type switch
    {
        "Seq Scan" => FullScan(
            node, null, Condition(node, "Filter") is { } filter
                ? $"The planner expects a scan to cost less than any index. It checks {filter}."
                : "Every row is a result."),
        "Index Scan" when Text(node, "Index Name") == Positions && Condition(node, "Filter") is { } filter => FullScan(
            node, Positions, $"The planner expects many matches in the order of positions. It checks each: {filter}."),
        "Index Scan" or "Index Only Scan" when Condition(node, "Index Cond") is { } condition =>
            IndexScan(node, $"The planner expects the fewest rows for {condition}.", sorts),
        "Index Scan" or "Index Only Scan" when Condition(node, "Filter") is { } filter => FullScan(
            node, Text(node, "Index Name"), $"The index gives the order only, and each row is checked: {filter}."),
        "Index Scan" or "Index Only Scan" =>
            IndexScan(node, "The index gives the order, so that reading ends with the page.", sorts),
        "Bitmap Index Scan" => IndexScan(
            node, $"The planner reads many rows for {Condition(node, "Index Cond")} in the order of the table.", sorts),
        "Subquery Scan" or "CTE Scan" or "WorkTable Scan" or "Bitmap Heap Scan" or "Function Scan" => null,
        _ => FullScan(node, null, $"The planner uses a {type}."),
    };

    private static QueryPlan FullScan(JsonElement node, string? index, string reason) =>
        new()
        {
            Kind = PlanKind.FullScan,
            Index = index,
            Reason = reason,
            Detail = DetailOf(node),
        };

    private static QueryPlan IndexScan(JsonElement node, string reason, bool sorts) =>
        new()
        {
            Kind = PlanKind.IndexScan,
            Index = Text(node, "Index Name"),
            Reason = sorts ? reason + " The rows are sorted afterwards." : reason,
            Detail = DetailOf(node),
        };

    private static string DetailOf(JsonElement node) =>
        $"{Text(node, "Node Type")}{(Text(node, "Relation Name") is { } table ? $" on {table}" : "")}"
        + (Text(node, "Index Cond") is { } condition ? $" ({PlanConditions.WithoutValues(condition)})" : "");

    /// <summary>Returns the number of rows that a scan read, including those that its filter removed.</summary>
    private static long RowsOf(JsonElement node) =>
        (long)((Number(node, "Actual Rows") + Number(node, "Rows Removed by Filter")
            + Number(node, "Rows Removed by Index Recheck")) * Math.Max(1, Number(node, "Actual Loops")));

    /// <summary>Returns a condition without values; null if the node has none.</summary>
    private string? Condition(JsonElement node, string name) =>
        Text(node, name) is { } condition ? _conditions.Describe(condition) : null;

    private static string? Text(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static double Number(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) ? value.GetDouble() : 0;
}
