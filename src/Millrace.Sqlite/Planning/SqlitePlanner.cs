using System.Diagnostics;
using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Storage;

namespace Millrace.Sqlite.Planning;

/// <summary>Explains the queries of an SQLite file. Each explanation sees one snapshot of the store.</summary>
internal sealed class SqlitePlanner(
    ReaderPool readers,
    LogQueries log,
    StreamQueries streams,
    AuxiliaryTables auxiliary,
    Collections collections,
    SqliteDocumentIndexes indexes) : IQueryPlanner
{
    public IDocumentIndexes Indexes => indexes;

    public ValueTask<QueryExplanation> ExplainLog(LogPageQuery query, CancellationToken cancellationToken) =>
        Explain(
            static (connection, state) =>
            {
                var started = Stopwatch.GetTimestamp();
                var measured = state.log.Measure(connection, state.query);
                return new QueryExplanation
                {
                    Duration = Stopwatch.GetElapsedTime(started),
                    Plan = LogExplanation.PlanOf(connection, state.query, measured),
                    Rows = measured.Rows,
                    ReadRows = measured.ReadRows,
                };
            },
            (log, query),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        Explain(
            static (connection, state) =>
            {
                var started = Stopwatch.GetTimestamp();
                var rows = state.streams.Read(connection, state.query).Events.Count;
                return new QueryExplanation
                {
                    Duration = Stopwatch.GetElapsedTime(started),
                    Plan = LogExplanation.PlanOfStream(connection, state.query.IsBackwards),
                    Rows = rows,
                    ReadRows = rows,
                };
            },
            (streams, query),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainClaim(
        string scope, string value, CancellationToken cancellationToken) =>
        Explain(
            static (connection, state) =>
            {
                var started = Stopwatch.GetTimestamp();
                var rows = state.auxiliary.FindClaim(connection, state.scope, state.value) is null ? 0 : 1;
                return new QueryExplanation
                {
                    Duration = Stopwatch.GetElapsedTime(started),
                    Plan = LogExplanation.PlanOfClaim(connection),
                    Rows = rows,
                    ReadRows = rows,
                };
            },
            (auxiliary, scope, value),
            cancellationToken);

    public ValueTask<QueryExplanation> ExplainDocuments(DocumentQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Explain(
            static (connection, state) => DocumentExplanation.Of(
                connection, state.collections.Get(connection, state.query.Collection), state.query),
            (collections, query),
            cancellationToken);
    }

    public ValueTask<QueryExplanation> ExplainCount(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        Explain(
            static (connection, state) => DocumentExplanation.Of(
                connection,
                state.collections.Get(connection, state.query.Collection),
                state.query,
                isCount: true),
            (collections, query: new DocumentQuery { Collection = collection, Conditions = conditions }),
            cancellationToken);

    /// <summary>Runs an explanation, whose statement is interrupted when the caller cancels.</summary>
    private async ValueTask<QueryExplanation> Explain<TState>(
        Func<Connection, TState, QueryExplanation> explain, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return await readers.Read(
                static (connection, args) =>
                {
                    using var registration = connection.InterruptOn(args.cancellationToken);
                    return args.explain(connection, args.state);
                },
                (explain, state, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The explanation was cancelled.", exception, cancellationToken);
        }
    }
}
