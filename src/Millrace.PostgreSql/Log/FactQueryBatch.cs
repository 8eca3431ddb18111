using Millrace.PostgreSql.Connections;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>Several queries in one round trip, each with a handler for its result rows.</summary>
internal sealed class FactQueryBatch(NpgsqlConnection connection, BatchFacts facts) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<(FactRowHandler? Read, object? Context)> _answers = [];

    public bool IsEmpty => _batch.BatchCommands.Count == 0;

    /// <summary>Adds a statement without a result.</summary>
    public NpgsqlBatchCommand AddStatement(string sql) => _batch.Add(sql);

    /// <summary>Adds a query.</summary>
    /// <param name="sql">The query, which must return columns even if it returns no rows.</param>
    /// <param name="read">Called for each row; null to skip the rows.</param>
    /// <param name="context">A context for the handler, if the rows do not contain it.</param>
    public NpgsqlBatchCommand Add(string sql, FactRowHandler? read, object? context = null)
    {
        _answers.Add((read, context));
        return _batch.Add(sql);
    }

    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var row = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        foreach (var (read, context) in _answers)
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                read?.Invoke(row, facts, context);
            await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}

/// <summary>Adds a result row to the facts. All inputs are parameters, so that no query allocates a closure.</summary>
internal delegate void FactRowHandler(NpgsqlDataReader row, BatchFacts facts, object? context);
