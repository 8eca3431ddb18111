using System.Globalization;
using Millrace.PostgreSql.Connections;
using Npgsql;

namespace Millrace.PostgreSql.Planning;

/// <summary>
/// An index that only the planner of one session sees, created by the extension HypoPG. Its creation starts a
/// transaction, so that behind a pool all statements reach the same session.
/// </summary>
internal sealed class HypotheticalIndex : IAsyncDisposable
{
    private const string Savepoint = "hypothetical_index";

    private const string UsableSchema = """
        SELECT quote_ident(n.nspname)
        FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'hypopg' AND has_schema_privilege(n.oid, 'USAGE') AND 3 = (
            SELECT count(DISTINCT p.proname) FROM pg_proc p
            WHERE p.pronamespace = n.oid AND has_function_privilege(p.oid, 'EXECUTE')
                AND p.proname IN ('hypopg_create_index', 'hypopg_drop_index', 'hypopg_relation_size'))
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly string _schema;
    private readonly uint _id;

    private HypotheticalIndex(NpgsqlConnection connection, NpgsqlTransaction transaction, string schema, uint id) =>
        (_connection, _transaction, _schema, _id) = (connection, transaction, schema, id);

    /// <summary>
    /// Returns the quoted schema of the extension; null if the database does not have it, or if this role may not use
    /// it.
    /// </summary>
    public static async ValueTask<string?> FindSchema(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var find = connection.Command(UsableSchema);
        await using var _ = find.ConfigureAwait(false);
        return await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
    }

    /// <summary>Creates the index. Its disposal removes it, and ends the transaction.</summary>
    public static async ValueTask<HypotheticalIndex> Create(
        NpgsqlConnection connection, string schema, string createSql, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await transaction.SaveAsync(Savepoint, cancellationToken).ConfigureAwait(false);
            var create = connection.Command($"SELECT indexrelid FROM {schema}.hypopg_create_index($1)").With(createSql);
            await using var _ = create.ConfigureAwait(false);
            var id = await create.Scalar(0u, cancellationToken).ConfigureAwait(false);
            return new HypotheticalIndex(connection, transaction, schema, id);
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns whether a plan names this index.</summary>
    public bool IsIn(string name) =>
        name.StartsWith(string.Create(CultureInfo.InvariantCulture, $"<{_id}>"), StringComparison.Ordinal);

    /// <summary>Returns the estimated size in bytes.</summary>
    public async ValueTask<long> EstimateSize(CancellationToken cancellationToken)
    {
        var command = _connection.Command($"SELECT {_schema}.hypopg_relation_size({_id})");
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await using var _ = _transaction.ConfigureAwait(false); // Rolls back.
        try
        {
            // The index remains after a rollback. A statement that failed or was cancelled prevents others until then.
            await _transaction.RollbackAsync(Savepoint, CancellationToken.None).ConfigureAwait(false);
            var drop = _connection.Command($"SELECT {_schema}.hypopg_drop_index({_id})");
            await using var __ = drop.ConfigureAwait(false);
            await drop.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (
            PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
        {
            NpgsqlConnection.ClearPool(_connection); // The session is not used again, and the index ends with it.
        }
    }
}
