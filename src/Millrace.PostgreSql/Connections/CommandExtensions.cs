using System.Data;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Connections;

/// <summary>Extension methods for commands with positional parameters.</summary>
internal static class CommandExtensions
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql) => new(sql, connection);

    /// <summary>
    /// Returns a command without a timeout, for statements whose duration grows with the store. Only its token cancels
    /// it.
    /// </summary>
    public static NpgsqlCommand LongCommand(this NpgsqlConnection connection, string sql) =>
        new(sql, connection) { CommandTimeout = 0 };

    public static NpgsqlBatchCommand Add(this NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        batch.BatchCommands.Add(command);
        return command;
    }

    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T? value, NpgsqlDbType type)
    {
        command.Parameters.Add(Parameter(value, type));
        return command;
    }

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlBatchCommand With<T>(this NpgsqlBatchCommand command, T? value, NpgsqlDbType type)
    {
        command.Parameters.Add(Parameter(value, type));
        return command;
    }

    public static string? FindString(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static long? FindInt64(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetInt64(column);

    public static Guid? FindGuid(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetGuid(column);

    public static DateTimeOffset GetTime(this NpgsqlDataReader row, int column) =>
        new(DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc));

    public static DateTimeOffset? FindTime(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetTime(column);

    private static NpgsqlParameter Parameter<T>(T? value, NpgsqlDbType type) => value is null
        ? new NpgsqlParameter { NpgsqlDbType = type, Value = DBNull.Value }
        : new NpgsqlParameter<T> { NpgsqlDbType = type, TypedValue = value };

    /// <summary>
    /// Returns the first column of the first row, or <paramref name="otherwise"/> if there is no row.
    /// </summary>
    public static async ValueTask<T> Scalar<T>(
        this NpgsqlCommand command, T otherwise, CancellationToken cancellationToken)
    {
        var row = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken).ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) && !row.IsDBNull(0)
            ? row.GetFieldValue<T>(0)
            : otherwise;
    }
}
