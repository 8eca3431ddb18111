using System.Diagnostics;
using System.Globalization;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Planning;

/// <summary>
/// Tries an index on a temporary copy of a collection, on a separate connection. A temporary table hides the table of
/// the same name, so that the statements of the storage read the copy.
/// </summary>
internal sealed class IndexTrialCopy(Connection connection, Collection collection, DocumentIndex index)
{
    private const long MaxDocuments = 200_000;
    private const int WrittenDocuments = 1_000;
    private const int Executions = 3;

    public IndexTrial Run(DocumentQuery query)
    {
        var table = collection.Table;
        var all = Scalar($"SELECT count(*) FROM main.{table}");
        connection.Execute(
            collection.Create()
                .Replace("CREATE TABLE ", "CREATE TEMP TABLE ", StringComparison.Ordinal)
                .Replace("CREATE INDEX ", "CREATE INDEX temp.", StringComparison.Ordinal));
        connection.Execute($"INSERT INTO temp.{table} SELECT * FROM main.{table} LIMIT {Text(MaxDocuments)}");
        var copied = Math.Min(all, MaxDocuments);

        var before = Execute(query);
        var writeBefore = WriteTime();
        var pages = Scalar("PRAGMA temp.page_count");
        connection.Execute(SqliteDocumentIndexes.CreateSql(collection, index, "temp"));
        var bytes = (Scalar("PRAGMA temp.page_count") - pages) * Scalar("PRAGMA temp.page_size");
        var after = Execute(query);
        var writeAfter = WriteTime();
        var name = SqliteDocumentIndexes.NameOf(collection, index.Name);
        return new IndexTrial
        {
            Before = before,
            After = after,
            IsUsed = Uses(after.Plan, name),
            SizeBytes = copied == 0 ? 0 : bytes * all / copied,
            WriteTime = writeAfter > writeBefore ? (writeAfter - writeBefore) / WrittenDocuments : TimeSpan.Zero,
            Method = string.Create(
                CultureInfo.InvariantCulture, $"a copy of {copied:N0} of {all:N0} documents"),
        };
    }

    private static bool Uses(QueryPlan plan, string name) =>
        plan.Index == name || plan.Parts.Any(part => Uses(part, name));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the fastest of several executions.</summary>
    private QueryExplanation Execute(DocumentQuery query) =>
        Enumerable.Range(0, Executions)
            .Select(_ => DocumentExplanation.Of(connection, collection, query))
            .MinBy(static explained => explained.Duration)!; // There is at least one.

    /// <summary>Returns the time to write documents to the copy, which are removed again.</summary>
    private TimeSpan WriteTime()
    {
        var columns = string.Concat(Enumerable.Range(0, collection.Definition.Fields.Count).Select(i => $", f{i}"));
        connection.Execute("BEGIN");
        var started = Stopwatch.GetTimestamp();
        connection.Execute(
            $"INSERT INTO temp.{collection.Table} (key, version, position, body{columns}) SELECT key || '+', version, "
                + $"position, body{columns} FROM main.{collection.Table} LIMIT {WrittenDocuments}");
        var duration = Stopwatch.GetElapsedTime(started);
        connection.Execute("ROLLBACK");
        return duration;
    }

    private long Scalar(string sql)
    {
        using var statement = connection.Prepare(sql);
        return statement.Scalar();
    }
}
