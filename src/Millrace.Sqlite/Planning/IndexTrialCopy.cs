using System.Diagnostics;
using System.Globalization;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Planning;

/// <summary>
/// Tries an index on a temporary copy of a collection, on a separate connection. A temporary table hides the table of
/// the same name, so that the statements of the storage read the copy. The copy is in memory, because a temporary file
/// could be on a disk that is not encrypted, and has no bodies, which plans do not depend on.
/// </summary>
internal sealed class IndexTrialCopy(Connection connection, Collection collection, DocumentIndex index)
{
    private const long MaxDocuments = 200_000;
    private const long MaxBytes = 32 * 1024 * 1024; // Of keys and fields. Each index contains a part of them again.
    private const int WrittenDocuments = 1_000;
    private const int Executions = 3;

    private readonly string _fields =
        string.Concat(Enumerable.Range(0, collection.Definition.Fields.Count).Select(i => $", f{i}"));

    public IndexTrial Run(DocumentQuery query, bool isCount, CancellationToken cancellationToken)
    {
        var table = collection.Table;
        connection.Execute("PRAGMA temp_store = MEMORY");
        var existing = SqliteDocumentIndexes.List(connection, collection); // Before the copy hides the collection.
        var all = Scalar($"SELECT count(*) FROM main.{table}");
        connection.Execute(
            collection.Create()
                .Replace("CREATE TABLE ", "CREATE TEMP TABLE ", StringComparison.Ordinal)
                .Replace("CREATE INDEX ", "CREATE INDEX temp.", StringComparison.Ordinal));
        connection.Execute(
            $"INSERT INTO temp.{table} (key, version, position, body{_fields}) SELECT key, version, position, x''"
                + $"{_fields} FROM (SELECT *, sum({RowBytes()}) OVER (ROWS UNBOUNDED PRECEDING) AS bytes FROM "
                + $"(SELECT key, version, position{_fields} FROM main.{table} LIMIT {Text(MaxDocuments)})) "
                + $"WHERE bytes <= {Text(MaxBytes)}");
        cancellationToken.ThrowIfCancellationRequested(); // Between two statements, an interruption has no effect.
        foreach (var known in existing)
            connection.Execute(SqliteDocumentIndexes.CreateSql(collection, known, "temp"));
        var copied = Scalar($"SELECT count(*) FROM temp.{table}");

        cancellationToken.ThrowIfCancellationRequested();
        var before = Execute(query, isCount);
        var writeBefore = WriteTime();
        var pages = Scalar("PRAGMA temp.page_count");
        var started = Stopwatch.GetTimestamp();
        connection.Execute(SqliteDocumentIndexes.CreateSql(collection, index, "temp"));
        var buildTime = Stopwatch.GetElapsedTime(started);
        var bytes = (Scalar("PRAGMA temp.page_count") - pages) * Scalar("PRAGMA temp.page_size");
        var after = Execute(query, isCount);
        var writeAfter = WriteTime();
        var name = SqliteDocumentIndexes.NameOf(collection, index.Name);
        return new IndexTrial
        {
            Before = before,
            After = after,
            IsUsed = Uses(after.Plan, name),
            SizeBytes = copied == 0 ? 0 : bytes * all / copied,
            WriteTime = writeAfter > writeBefore ? (writeAfter - writeBefore) / WrittenDocuments : TimeSpan.Zero,
            BuildTime = copied == 0 ? null : buildTime * ((double)all / copied),
            Method = string.Create(
                CultureInfo.InvariantCulture, $"a copy of {copied:N0} of {all:N0} documents"),
        };
    }

    private string RowBytes() => string.Concat(
        Enumerable.Range(0, collection.Definition.Fields.Count)
            .Select(static i => $"coalesce(length(CAST(f{i} AS BLOB)), 0) + ")
            .Append("length(CAST(key AS BLOB))"));

    private static bool Uses(QueryPlan plan, string name) =>
        plan.Index == name || plan.Parts.Any(part => Uses(part, name));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the fastest of several executions.</summary>
    private QueryExplanation Execute(DocumentQuery query, bool isCount) =>
        Enumerable.Range(0, Executions)
            .Select(_ => DocumentExplanation.Of(connection, collection, query, isCount))
            .MinBy(static explained => explained.Duration)!; // There is at least one.

    /// <summary>Returns the time to write documents to the copy, which are removed again.</summary>
    private TimeSpan WriteTime()
    {
        connection.Execute("BEGIN");
        var started = Stopwatch.GetTimestamp();
        connection.Execute(
            $"INSERT INTO temp.{collection.Table} (key, version, position, body{_fields}) SELECT key || '+', version, "
                + $"position, x''{_fields} FROM main.{collection.Table} LIMIT {WrittenDocuments}");
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
