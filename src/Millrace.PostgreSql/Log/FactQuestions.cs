using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Several questions asked in one round trip, each with what is done with the rows of its answer.</summary>
internal sealed class FactQuestions(NpgsqlConnection connection) : IAsyncDisposable
{
    private readonly NpgsqlBatch _batch = new(connection);
    private readonly List<Action<NpgsqlDataReader>?> _readers = [];

    public bool IsEmpty => _batch.BatchCommands.Count == 0;

    /// <summary>Adds a statement without an answer.</summary>
    public NpgsqlBatchCommand Tell(string sql) => _batch.Add(sql);

    /// <summary>Adds a question.</summary>
    /// <param name="sql">Its text, which must return rows or none, but have columns.</param>
    /// <param name="read">Called for each row; null passes them over.</param>
    public NpgsqlBatchCommand Add(string sql, Action<NpgsqlDataReader>? read)
    {
        _readers.Add(read);
        return _batch.Add(sql);
    }

    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var row = await _batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        foreach (var read in _readers)
        {
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                read?.Invoke(row);
            await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _batch.DisposeAsync();
}
