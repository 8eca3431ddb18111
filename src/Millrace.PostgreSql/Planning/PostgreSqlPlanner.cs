using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Log;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Planning;

/// <summary>Explains the queries of a database, with the statements that the storage executes.</summary>
internal sealed class PostgreSqlPlanner(
    Database database, LogQueries log, StreamQueries streams, PostgreSqlDocuments documents, TimeProvider time)
    : IQueryPlanner
{
    public IDocumentIndexes Indexes { get; } = new PostgreSqlDocumentIndexes(database, documents, time);

    private const string Explain = "EXPLAIN (ANALYZE, FORMAT JSON) ";
    private const string ExplainOnly = "EXPLAIN (FORMAT JSON) ";

    private readonly string _findClaim =
        $"SELECT owner FROM {database.Tables.Claims} WHERE scope = $1 AND value = $2";

    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, state, cancel) =>
                Execute(state.log.Page(state.query).Command(connection), null, state.query.Limit, cancel),
            (log, query),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, state, cancel) =>
                Execute(state.streams.PageCommand(connection, state.query), null, state.query.Limit, cancel),
            (streams, query),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken) =>
        database.Read(
            static (connection, state, cancel) =>
                Execute(
                    connection.Command(state._findClaim).With(StoredText.Check(state.scope))
                        .With(StoredText.Check(state.value)),
                    null,
                    1,
                    cancel),
            (_findClaim, scope, value),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return documents.OnCollection(
            query.Collection,
            static async (connection, collection, state, cancel) =>
            {
                var page = await DocumentQueries
                    .Page(connection, collection, state.query, state.documents.WholeTexts, cancel)
                    .ConfigureAwait(false);
                return await Execute(page.Command(connection), collection, state.query.Limit, cancel)
                    .ConfigureAwait(false);
            },
            (documents, query),
            cancellationToken);
    }

    public ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        documents.OnCollection(
            collection,
            static (connection, found, conditions, cancel) =>
                Execute(DocumentQueries.CountOf(found, conditions).Command(connection), found, 1, cancel),
            conditions,
            cancellationToken);

    /// <summary>Executes a command with EXPLAIN, and disposes it.</summary>
    /// <param name="command">The command of a page.</param>
    /// <param name="collection">The collection of the page; null for a page of the log.</param>
    /// <param name="limit">The maximum number of rows of the page.</param>
    /// <param name="isExecuted">True to execute the command, and not only to plan it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<QueryExplanation> Execute(
        NpgsqlCommand command,
        Collection? collection,
        long limit,
        CancellationToken cancellationToken,
        bool isExecuted = true)
    {
        await using var _ = command.ConfigureAwait(false);
        command.CommandText = (isExecuted ? Explain : ExplainOnly) + command.CommandText;
        command.CommandTimeout = 0; // A slow query is the one to explain. Only the token cancels it.
        var json = await command.Scalar("", cancellationToken).ConfigureAwait(false);
        return new ExplainedPlan(collection).Read(json, limit);
    }
}
