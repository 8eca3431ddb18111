using System.Globalization;
using System.Text;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Runs the application's SQL in the transaction of a commit. The SQL may change the application's own tables and read
/// Millrace's tables. The rights of the database role limit it further; statements that would end the transaction are
/// refused.
/// </summary>
/// <param name="description">The description of the database.</param>
/// <param name="limit">The time limit for all statements of a commit while appends wait for them.</param>
/// <param name="time">The clock of this node.</param>
internal sealed class UserStatements(string description, TimeSpan limit, TimeProvider time)
{
    private static readonly string[] Refused =
    [
        "BEGIN",
        "START",
        "COMMIT",
        "END",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT",
        "RELEASE",
        "PREPARE",
        "SET",
        "RESET",
        "DISCARD",
        "LISTEN",
    ];

    /// <summary>Runs statements.</summary>
    /// <param name="connection">The connection, in the transaction of the commit.</param>
    /// <param name="statements">The statements.</param>
    /// <param name="holdsLock">True when all appends wait for them. The database then cancels each statement that
    /// exceeds the limit.</param>
    /// <exception cref="StorageException">A statement was refused, or took too long.</exception>
    public async ValueTask Run(NpgsqlConnection connection, IReadOnlyList<SqlStatement> statements, bool holdsLock)
    {
        var started = time.GetTimestamp();
        foreach (var statement in statements)
        {
            if (holdsLock && time.GetElapsedTime(started) > limit)
                throw Refuse(statement, TooLong, null);
            try
            {
                await RunOne(connection, statement).ConfigureAwait(false);
            }
            catch (PostgresException failure) when (holdsLock && failure.SqlState == PostgresErrorCodes.QueryCanceled)
            {
                throw Refuse(statement, TooLong, failure);
            }
            catch (PostgresException failure) when (!PostgreSqlErrors.IsConnectionLost(failure))
            {
                throw Refuse(statement, failure.MessageText, failure);
            }
        }
    }

    private string TooLong => string.Create(
        CultureInfo.InvariantCulture,
        $"all appends waited for this and earlier statements for longer than {limit.TotalSeconds:0.###} seconds "
        + $"(PostgreSqlOptions.HoldTimeout). ")
        + "Make it faster, for example with an index, or use a SQL projection, which does not block appends.";

    private async ValueTask RunOne(NpgsqlConnection connection, SqlStatement statement)
    {
        var (sql, count) = Numbered(statement.Sql);
        if (count != statement.Parameters.Count)
            throw Refuse(
                statement, $"it has {count} parameters, but {statement.Parameters.Count} values were given.", null);
        var first = new string([.. statement.Sql.TrimStart().TakeWhile(char.IsAsciiLetter)]).ToUpperInvariant();
        if (Array.IndexOf(Refused, first) >= 0)
            throw Refuse(statement, $"{first} would change the transaction of the commit.", null);
        var command = connection.Command(sql);
        await using var _ = command.ConfigureAwait(false);
        foreach (var value in statement.Parameters)
        {
            // Sent as text of unknown type, which the server converts to the type that the statement needs.
            var text = (object?)Text(value) ?? DBNull.Value;
            command.Parameters.Add(new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Unknown });
        }
        await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private StorageException Refuse(SqlStatement statement, string reason, Exception? failure) =>
        new(
            $"A statement was refused by {description}: {reason} The statement: {statement.Sql}",
            StorageProblem.Statement,
            failure);

    private static string? Text(object? value) =>
        value switch
        {
            null => null,
            string text => text,
            byte[] bytes => $"\\x{Convert.ToHexStringLower(bytes)}",
            ReadOnlyMemory<byte> bytes => $"\\x{Convert.ToHexStringLower(bytes.Span)}",
            bool flag => flag ? "true" : "false",
            DateOnly or TimeOnly or DateTime or DateTimeOffset => ((IFormattable)value).ToString(
                "O", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };

    /// <summary>
    /// Numbers the parameters outside of quoted text and comments: <c>?</c> in order, and <c>@name</c> by first
    /// occurrence.
    /// </summary>
    private static (string Sql, int Count) Numbered(string sql)
    {
        var text = new StringBuilder(sql.Length + 8);
        var names = new List<string>();
        var count = 0;
        for (var i = 0; i < sql.Length;)
        {
            var end = EndOfQuotedText(sql, i);
            if (end > i)
            {
                text.Append(sql, i, end - i);
                i = end;
            }
            else if (sql[i] == '?')
            {
                text.Append(CultureInfo.InvariantCulture, $"${++count}");
                i++;
            }
            else if (sql[i] == '@' && i + 1 < sql.Length && IsNamePart(sql[i + 1]))
            {
                end = i + 1;
                while (end < sql.Length && IsNamePart(sql[end]))
                    end++;
                var name = sql[(i + 1)..end];
                if (!names.Contains(name, StringComparer.Ordinal))
                    names.Add(name);
                text.Append(CultureInfo.InvariantCulture, $"${names.IndexOf(name) + 1}");
                i = end;
            }
            else
            {
                text.Append(sql[i++]);
            }
        }
        return (text.ToString(), count + names.Count);
    }

    private static bool IsNamePart(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';

    /// <summary>
    /// Returns the end of a quoted text, quoted name or comment that starts here; the same index if none does.
    /// </summary>
    private static int EndOfQuotedText(string sql, int start)
    {
        var end = sql[start] switch
        {
            '\'' or '"' => After(sql, sql[start].ToString(), start + 1),
            '-' when sql.AsSpan(start).StartsWith("--", StringComparison.Ordinal) => After(sql, "\n", start + 2),
            '/' when sql.AsSpan(start).StartsWith("/*", StringComparison.Ordinal) => After(sql, "*/", start + 2),
            '$' when DollarQuote(sql, start) is { } quote => After(sql, quote, start + quote.Length),
            _ => start,
        };
        return end;
    }

    private static int After(string sql, string mark, int from)
    {
        var index = sql.IndexOf(mark, from, StringComparison.Ordinal);
        return index < 0 ? sql.Length : index + mark.Length;
    }

    private static string? DollarQuote(string sql, int start)
    {
        var end = start + 1;
        while (end < sql.Length && (char.IsLetter(sql[end]) || sql[end] == '_'))
            end++;
        return end < sql.Length && sql[end] == '$' ? sql[start..(end + 1)] : null;
    }
}
