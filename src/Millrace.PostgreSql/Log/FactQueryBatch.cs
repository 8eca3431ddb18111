using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Several questions asked in one round trip, each with what is done with the rows of its answer.</summary>
internal sealed class FactQueryBatch(NpgsqlConnection connection, BatchFacts facts) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<(FactRowHandler? Read, object? About)> _answers = [];

    public bool IsEmpty => _batch.BatchCommands.Count == 0;

    /// <summary>Adds a statement without an answer.</summary>
    public NpgsqlBatchCommand AddStatement(string sql) => _batch.Add(sql);

    /// <summary>Adds a question.</summary>
    /// <param name="sql">Its text, which must return rows or none, but have columns.</param>
    /// <param name="read">Called for each row; null passes them over.</param>
    /// <param name="about">What was asked about, where the rows do not tell.</param>
    public NpgsqlBatchCommand Add(string sql, FactRowHandler? read, object? about = null)
    {
        _answers.Add((read, about));
        return _batch.Add(sql);
    }

    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var row = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        foreach (var (read, about) in _answers)
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                read?.Invoke(row, facts, about);
            await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}

/// <summary>Takes a row of an answer into the facts. It is given all that it needs, so that no question makes a
/// closure.</summary>
internal delegate void FactRowHandler(NpgsqlDataReader row, BatchFacts facts, object? about);
