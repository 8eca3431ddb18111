using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Planning;

/// <summary>The plan of a statement, as SQLite describes it.</summary>
internal static class PlanLines
{
    private const int Detail = 3;

    /// <summary>Returns the lines of EXPLAIN QUERY PLAN, such as <c>SEARCH e USING INDEX i (a=?)</c>.</summary>
    public static IReadOnlyList<string> Of(Connection connection, string sql)
    {
        using var statement = connection.Prepare($"EXPLAIN QUERY PLAN {sql}");
        var lines = new List<string>();
        while (statement.Step())
            lines.Add(statement.GetText(Detail));
        return lines;
    }

    /// <summary>Returns whether a line reads a table.</summary>
    public static bool IsRead(string line) => IsScan(line) || line.StartsWith("SEARCH ", StringComparison.Ordinal);

    /// <summary>Returns whether a line reads all rows of a table or of an index.</summary>
    public static bool IsScan(string line) => line.StartsWith("SCAN ", StringComparison.Ordinal);

    /// <summary>Returns whether a line sorts rows.</summary>
    public static bool IsSort(string line) => line.StartsWith("USE TEMP B-TREE FOR ", StringComparison.Ordinal);

    /// <summary>Returns the name of the index of a line; null if the line uses none.</summary>
    public static string? IndexOf(string line)
    {
        const string Marker = " INDEX ";
        var start = line.IndexOf(Marker, StringComparison.Ordinal);
        if (start < 0)
            return line.Contains("PRIMARY KEY", StringComparison.Ordinal) ? "primary key" : null;
        var name = line[(start + Marker.Length)..];
        return name.Split(' ')[0];
    }
}
