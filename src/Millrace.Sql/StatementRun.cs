using System.Globalization;
using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>Runs a statement whose views are loaded.</summary>
internal sealed class StatementRun
{
    private static readonly string[] Numbers =
    [
        "BIGINT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "UHUGEINT",
        "UINTEGER", "USMALLINT", "UTINYINT",
    ];

    private static readonly string TooLong = $"error({SqlNames.Literal(EngineErrors.LongValue)})";

    private static readonly string[] Nested = ["STRUCT(", "MAP(", "UNION("];

    private readonly SqlSession _session;
    private readonly ParsedStatement _statement;
    private readonly SqlOptions _limits;
    private readonly EngineErrors _errors;

    /// <summary>Creates a run.</summary>
    /// <param name="session">The session with the views.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="limits">The limits.</param>
    public StatementRun(SqlSession session, ParsedStatement statement, SqlOptions limits)
    {
        (_session, _statement, _limits) = (session, statement, limits);
        _errors = new EngineErrors(statement.Text, statement.IsExplained ? 0 : 1, limits);
    }

    /// <summary>Returns the columns and at most the maximum number of rows.</summary>
    public SqlAnswer Read(CancellationToken cancellationToken)
    {
        if (_statement.IsExplained)
            return ReadRows(
                _statement.Text, [new("part", "VARCHAR"), new("plan", "VARCHAR")], cancellationToken);
        var columns = Describe(cancellationToken);
        var values = columns.Select(static (column, index) => ValueOf(column.Type, index + 1));
        // A value is measured before it is copied out of the engine.
        var checks = Enumerable.Range(1, columns.Count).Select(CheckOf);
        var sql = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SELECT {string.Join(", ", checks)} FROM (SELECT {string.Join(", ", values)} FROM (
            {_statement.Text}
            ) LIMIT {_limits.MaxRows + 1L})
            """);
        return ReadRows(sql, columns, cancellationToken);
    }

    /// <summary>Writes the rows to a Parquet file, and returns their number and whether there were more.</summary>
    public (long Rows, bool IsCut) Export(string file, CancellationToken cancellationToken)
    {
        if (_statement.IsExplained)
            throw new SqlException("EXPLAIN has no rows for a file.");
        _ = Describe(cancellationToken);
        var limit = _limits.MaxRows;
        Run(
            string.Create(
                CultureInfo.InvariantCulture,
                $"CREATE TABLE answer AS SELECT * FROM (\n{_statement.Text}\n) LIMIT {limit + 1L}"),
            cancellationToken);
        var count = long.Parse(
            _session.Scalar("SELECT CAST(count(*) AS VARCHAR) FROM answer")!, // A count is never NULL.
            CultureInfo.InvariantCulture);
        Run(
            string.Create(
                CultureInfo.InvariantCulture,
                $"COPY (SELECT * FROM answer LIMIT {limit}) TO {SqlNames.Literal(file)} "
                    + $"(FORMAT parquet, USE_TMP_FILE false)"),
            cancellationToken);
        return (Math.Min(count, limit), count > limit);
    }

    /// <summary>Returns the maximum length of a value in UTF-8.</summary>
    public static long MaxCharacters(SqlOptions limits) =>
        Math.Max(1, Math.Min(limits.MaxAnswerBytes, int.MaxValue) / sizeof(char));

    private string CheckOf(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"CASE WHEN strlen(#{number}) > {MaxCharacters(_limits)} THEN {TooLong} ELSE #{number} END");

    private List<SqlColumn> Describe(CancellationToken cancellationToken)
    {
        var columns = new List<SqlColumn>();
        Execute(
            $"DESCRIBE SELECT * FROM (\n{_statement.Text}\n)",
            reader =>
            {
                while (reader.Read())
                {
                    var type = reader.GetString(1);
                    columns.Add(new SqlColumn(reader.GetString(0), type) { Kind = KindOf(type) });
                }
            },
            cancellationToken);
        return columns;
    }

    private SqlAnswer ReadRows(string sql, List<SqlColumn> columns, CancellationToken cancellationToken)
    {
        var rows = new List<IReadOnlyList<string?>>();
        var bytes = 0L;
        var isCut = false;
        Execute(
            sql,
            reader =>
            {
                while (reader.Read())
                {
                    isCut = rows.Count == _limits.MaxRows || bytes > _limits.MaxAnswerBytes;
                    if (isCut)
                        return;
                    var row = ReadRow(reader, columns.Count);
                    rows.Add(row);
                    bytes += row.Sum(static value => sizeof(char) * (value?.Length ?? 0) + IntPtr.Size);
                    cancellationToken.ThrowIfCancellationRequested();
                }
            },
            cancellationToken);
        return new SqlAnswer { Columns = columns, Rows = rows, IsCut = isCut, Position = 0 };
    }

    private static string?[] ReadRow(DuckDBDataReader reader, int columns)
    {
        var row = new string?[columns];
        for (var i = 0; i < columns; i++)
            row[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
        return row;
    }

    private void Run(string sql, CancellationToken cancellationToken) =>
        Execute(sql, static _ => { }, cancellationToken);

    private void Execute(string sql, Action<DuckDBDataReader> read, CancellationToken cancellationToken)
    {
        using var command = _session.CreateCommand(sql);
        command.UseStreamingMode = true;
        using var interruption = new Interruption(command, cancellationToken);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var reader = command.ExecuteReader();
            read(reader);
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (DuckDBException error)
        {
            throw _errors.Convert(error);
        }
    }

    private static SqlValueKind KindOf(string type) =>
        type == "BOOLEAN" ? SqlValueKind.Boolean
        : type == "JSON" || IsNested(type) ? SqlValueKind.Json
        : Numbers.Contains(type.Split('(')[0], StringComparer.Ordinal) ? SqlValueKind.Number
        : SqlValueKind.Text;

    private static bool IsNested(string type) =>
        type.EndsWith(']') || Nested.Any(start => type.StartsWith(start, StringComparison.Ordinal));

    private static string ValueOf(string type, int number) => string.Create(
        CultureInfo.InvariantCulture, $"CAST({(IsNested(type) ? $"to_json(#{number})" : $"#{number}")} AS VARCHAR)");
}
