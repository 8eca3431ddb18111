using System.Diagnostics;
using System.Globalization;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite.Planning;

/// <summary>Executes a query for documents, and describes its plan.</summary>
internal static class DocumentExplanation
{
    private const int BodyColumn = 3;

    /// <summary>Executes and describes a page of documents, or the count of all that match.</summary>
    public static QueryExplanation Of(
        Connection connection, Collection collection, DocumentQuery query, bool isCount = false)
    {
        var (sql, parameters) = isCount
            ? DocumentQueries.CountOf(collection, query.Conditions)
            : DocumentQueries.Page(collection, query);
        var lines = PlanLines.Of(connection, sql);
        using var statement = connection.Prepare(sql);
        var started = Stopwatch.GetTimestamp();
        parameters.Bind(statement);
        var rows = 0L;
        while (statement.Step() && rows < query.Limit)
        {
            if (!isCount)
                _ = statement.GetBytes(BodyColumn).ToArray();
            rows++;
        }
        var duration = Stopwatch.GetElapsedTime(started);
        var scanned = statement.TakeCounter(raw.SQLITE_STMTSTATUS_FULLSCAN_STEP);
        var steps = statement.TakeCounter(raw.SQLITE_STMTSTATUS_VM_STEP);
        statement.Reset();
        var plan = PlanOf(collection, query, isCount, lines);
        return new QueryExplanation
        {
            Plan = plan,
            Rows = rows,
            ReadRows = plan.HasFullScan ? scanned + 1 : null, // The first row needs no step forward.
            Duration = duration,
            DatabaseCost = steps,
        };
    }

    private static QueryPlan PlanOf(
        Collection collection, DocumentQuery query, bool isCount, IReadOnlyList<string> lines)
    {
        var sorts = lines.Any(PlanLines.IsSort);
        QueryPlan[] parts =
            [.. lines.Where(line => PlanLines.IsRead(line) && !IsSubquery(line))
                .Select(line => PartOf(collection, query, isCount, line, sorts))];
        return QueryPlan.Combine(parts, "The page after a cursor is taken from two ranges of an index.");
    }

    /// <summary>Returns whether a line reads the result of another line instead of a table.</summary>
    private static bool IsSubquery(string line) => line.Contains("SUBQUERY", StringComparison.Ordinal);

    private static QueryPlan PartOf(
        Collection collection, DocumentQuery query, bool isCount, string line, bool sorts)
    {
        var index = PlanLines.IndexOf(line);
        var order = query.OrderBy ?? "key";
        if (index is not null && !PlanLines.IsScan(line))
            return new QueryPlan
            {
                Kind = PlanKind.IndexScan,
                Index = index,
                Detail = line,
                Reason = $"The index covers {FieldsOf(collection, line)}, and no other index selects fewer documents."
                    + (sorts ? $" The documents are then sorted by '{order}'." : ""),
            };
        if (index is not null && query.Conditions.Count == 0 && !isCount)
            return new QueryPlan
            {
                Kind = PlanKind.IndexScan,
                Index = index,
                Detail = line,
                Reason = $"The index contains the documents in the order of '{order}', so that reading ends with the "
                    + "page.",
            };
        return new QueryPlan
        {
            Kind = PlanKind.FullScan,
            Index = index,
            Detail = line,
            Reason = isCount ? "No index fits the conditions: each document is counted or checked."
                : index is null ? "No index fits the conditions: each document is checked."
                : $"The index gives the order of '{order}'. It does not cover the conditions, so that each document is "
                    + "checked until the page is full.",
        };
    }

    /// <summary>Returns the fields that a line compares, such as <c>'status' and 'total'</c>.</summary>
    private static string FieldsOf(Collection collection, string line)
    {
        var open = line.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
            return "the key";
        var names = new List<string>();
        foreach (var term in line[(open + 1)..].TrimEnd(')').Split(" AND "))
        {
            var column = term.TrimStart('(').Split('=', '<', '>')[0];
            var name = NameOf(collection, column);
            if (!names.Contains(name))
                names.Add(name);
        }
        return string.Join(" and ", names);
    }

    private static string NameOf(Collection collection, string column) =>
        column.StartsWith('f')
        && int.TryParse(column.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var field)
        && field < collection.Definition.Fields.Count
            ? $"'{collection.Definition.Fields[field].Name}'"
            : "the key";
}
