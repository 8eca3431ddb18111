using System.Globalization;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;
using SQLitePCL;

namespace Millrace.Sqlite.Log;

/// <summary>
/// Runs the application's SQL in the transaction of a commit. The SQL may change the application's own tables and read
/// Millrace's tables.
/// </summary>
internal static class UserStatements
{
    private static readonly HashSet<string> OwnTables = new(StringComparer.OrdinalIgnoreCase)
    {
        "header",
        "names",
        "streams",
        "events",
        "event_tags",
        "removals",
        "claims",
        "handled",
        "consumers",
        "paused_consumers",
        "collections",
        "dead_letters",
        "read_models",
        "retired_collections",
        "nodes",
    };

    public static void Run(Connection connection, IReadOnlyList<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            try
            {
                RunOne(connection, statement);
            }
            catch (StorageException failure) when (IsStatementFault(failure.Problem))
            {
                throw new StorageException(
                    $"A statement was refused by SQLite: {failure.Message} The statement: {statement.Sql}",
                    StorageProblem.Statement,
                    failure);
            }
        }
    }

    private static bool IsStatementFault(StorageProblem problem) =>
        problem is StorageProblem.Other or StorageProblem.ReadOnly or StorageProblem.Statement;

    private static void RunOne(Connection connection, SqlStatement statement)
    {
        var prepared = connection.GetUserStatement(statement.Sql, Allow);
        for (var i = 0; i < statement.Parameters.Count; i++)
            BindValue(prepared, i + 1, statement.Parameters[i]);
        if (prepared.ParameterCount != statement.Parameters.Count)
        {
            throw new StorageException(
                $"it has {prepared.ParameterCount} parameters, but {statement.Parameters.Count} values were given.",
                StorageProblem.Statement);
        }
        prepared.Run();
    }

    /// <summary>Decides for SQLite whether a statement may perform an action.</summary>
    private static int Allow(
        object? state, int action, string? first, string? second, string? database, string? trigger)
    {
        var isAllowed = action switch
        {
            raw.SQLITE_TRANSACTION
            or raw.SQLITE_ATTACH
            or raw.SQLITE_DETACH
            or raw.SQLITE_PRAGMA
            or raw.SQLITE_SAVEPOINT => false,
            raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE or raw.SQLITE_DROP_TABLE => !IsOwn(first),
            raw.SQLITE_ALTER_TABLE => !IsOwn(second),
            raw.SQLITE_CREATE_INDEX or raw.SQLITE_DROP_INDEX or raw.SQLITE_CREATE_TRIGGER or raw.SQLITE_DROP_TRIGGER =>
                !IsOwn(second),
            _ => true,
        };
        return isAllowed ? raw.SQLITE_OK : raw.SQLITE_DENY;
    }

    private static bool IsOwn(string? table) =>
        table is not null
        && (OwnTables.Contains(table) || table.StartsWith(Collections.TablePrefix, StringComparison.OrdinalIgnoreCase));

    private static void BindValue(Statement statement, int index, object? value)
    {
        switch (value)
        {
            case null:
                statement.BindNull(index);
                break;
            case string text:
                statement.Bind(index, text);
                break;
            case byte[] bytes:
                statement.Bind(index, bytes);
                break;
            case ReadOnlyMemory<byte> bytes:
                statement.Bind(index, bytes.Span);
                break;
            case bool flag:
                statement.Bind(index, flag ? 1 : 0);
                break;
            case double or float:
                statement.Bind(index, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case long or int or short or sbyte or byte or uint or ushort:
                statement.Bind(index, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case DateOnly or TimeOnly or DateTime or DateTimeOffset:
                statement.Bind(index, ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture));
                break;
            default:
                statement.Bind(index, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }
}
