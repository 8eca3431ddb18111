using System.Diagnostics;
using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Planning;

/// <summary>
/// Tries an index with the extension HypoPG, whose indexes exist only for the planner. Without the extension, tries it
/// on a temporary copy of the collection, in a transaction that is rolled back.
/// </summary>
internal sealed class IndexTrialRun(
    NpgsqlConnection connection, Collection collection, DocumentIndex index, PostgreSqlDocuments documents)
{
    private const long MaxDocuments = 200_000;
    private const int WrittenDocuments = 1_000;

    public async ValueTask<IndexTrial> Run(DocumentQuery query, bool isCount, CancellationToken cancellationToken) =>
        await HypotheticalIndex.FindSchema(connection, cancellationToken).ConfigureAwait(false) is { } schema
            ? await RunHypothetical(schema, query, isCount, cancellationToken).ConfigureAwait(false)
            : await RunOnCopy(query, isCount, cancellationToken).ConfigureAwait(false);

    private async ValueTask<IndexTrial> RunHypothetical(
        string schema, DocumentQuery query, bool isCount, CancellationToken cancellationToken)
    {
        var before = await Explain(collection, query, isCount, isExecuted: false, cancellationToken)
            .ConfigureAwait(false);
        var create = PostgreSqlDocumentIndexes.CreateSql(collection, index, "");
        var tried = await HypotheticalIndex.Create(connection, schema, create, cancellationToken)
            .ConfigureAwait(false);
        await using var _ = tried.ConfigureAwait(false);
        var after = await Explain(collection, query, isCount, isExecuted: false, cancellationToken)
            .ConfigureAwait(false);
        return new IndexTrial
        {
            Before = before,
            After = after,
            IsUsed = Uses(after.Plan, tried.IsIn),
            SizeBytes = await tried.EstimateSize(cancellationToken).ConfigureAwait(false),
            Method = "the planner, with HypoPG",
        };
    }

    /// <summary>Tries the index on a copy, which has the other indexes of several fields too.</summary>
    private async ValueTask<IndexTrial> RunOnCopy(
        DocumentQuery query, bool isCount, CancellationToken cancellationToken)
    {
        var existing = await PostgreSqlDocumentIndexes.List(connection, collection, cancellationToken)
            .ConfigureAwait(false);
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false); // Rolls back.
        var copy = new Collection(collection.Number, collection.Definition, new Tables("millrace", "pg_temp"));
        await Execute(copy.Create(), cancellationToken).ConfigureAwait(false);
        await Execute(
            $"INSERT INTO {copy.Table} SELECT * FROM {collection.Table} LIMIT {MaxDocuments}", cancellationToken)
            .ConfigureAwait(false);
        foreach (var known in existing)
            await Execute(PostgreSqlDocumentIndexes.CreateSql(copy, known, ""), cancellationToken)
                .ConfigureAwait(false);
        await Execute($"ANALYZE {copy.Table}", cancellationToken).ConfigureAwait(false);
        var all = await Scalar($"SELECT count(*) FROM {collection.Table}", 0L, cancellationToken).ConfigureAwait(false);
        var copied = Math.Min(all, MaxDocuments);

        var before = await Explain(copy, query, isCount, isExecuted: true, cancellationToken).ConfigureAwait(false);
        var writeBefore = await WriteTime(copy, "-", cancellationToken).ConfigureAwait(false);
        var started = Stopwatch.GetTimestamp();
        await Execute(PostgreSqlDocumentIndexes.CreateSql(copy, index, ""), cancellationToken).ConfigureAwait(false);
        var buildTime = Stopwatch.GetElapsedTime(started);
        var after = await Explain(copy, query, isCount, isExecuted: true, cancellationToken).ConfigureAwait(false);
        var writeAfter = await WriteTime(copy, "+", cancellationToken).ConfigureAwait(false);
        var name = PostgreSqlDocumentIndexes.NameOf(copy, index.Name);
        var bytes = await Scalar($"SELECT pg_relation_size('pg_temp.{name}')", 0L, cancellationToken)
            .ConfigureAwait(false);
        return new IndexTrial
        {
            Before = before,
            After = after,
            IsUsed = Uses(after.Plan, found => found == name),
            SizeBytes = copied == 0 ? 0 : bytes * all / copied,
            WriteTime = writeAfter > writeBefore ? (writeAfter - writeBefore) / WrittenDocuments : TimeSpan.Zero,
            BuildTime = copied == 0 ? null : buildTime * ((double)all / copied),
            Method = string.Create(CultureInfo.InvariantCulture, $"a copy of {copied:N0} of {all:N0} documents"),
        };
    }

    private async ValueTask<QueryExplanation> Explain(
        Collection target, DocumentQuery query, bool isCount, bool isExecuted, CancellationToken cancellationToken)
    {
        var sql = isCount
            ? DocumentQueries.CountOf(target, query.Conditions)
            : await DocumentQueries
                .Page(connection, target, query, documents.WholeTexts, cancellationToken)
                .ConfigureAwait(false);
        return await PostgreSqlPlanner
            .Execute(sql.Command(connection), target, isCount ? 1 : query.Limit, cancellationToken, isExecuted)
            .ConfigureAwait(false);
    }

    /// <summary>Returns the time to write documents to the copy.</summary>
    private async ValueTask<TimeSpan> WriteTime(Collection copy, string suffix, CancellationToken cancellationToken)
    {
        var columns = string.Concat(Enumerable.Range(0, collection.Definition.Fields.Count).Select(i => $", f{i}"));
        var started = Stopwatch.GetTimestamp();
        await Execute(
            $"INSERT INTO {copy.Table} (key, version, position, body{columns}) SELECT key || '{suffix}', version, "
                + $"position, body{columns} FROM {collection.Table} LIMIT {WrittenDocuments}",
            cancellationToken).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(started);
    }

    private ValueTask Execute(string sql, CancellationToken cancellationToken) =>
        PostgreSqlDocumentIndexes.Execute(connection, sql, cancellationToken);

    private async ValueTask<T> Scalar<T>(string sql, T otherwise, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(sql);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(otherwise, cancellationToken).ConfigureAwait(false);
    }

    private static bool Uses(QueryPlan plan, Predicate<string> isName) =>
        (plan.Index is { } name && isName(name)) || plan.Parts.Any(part => Uses(part, isName));
}
