using System.Globalization;
using System.Security.Cryptography;
using DuckDB.NET.Data;

namespace Millrace.Sql;

/// <summary>
/// A database of the engine in memory, for one statement. Its configuration is locked: it opens no files, loads no
/// extensions and changes no settings. Its private directory for temporary files is removed at the end.
/// </summary>
internal sealed class SqlSession : IDisposable
{
    private const int MaxThreads = 4;

    private readonly TemporaryDirectory? _directory;
    private readonly DuckDBConnection _connection;
    private readonly CancellationToken _cancellationToken;
    private readonly string _tablePrefix = "loaded " + RandomNumberGenerator.GetHexString(16) + " ";
    private int _tables;

    private SqlSession(
        TemporaryDirectory? directory, DuckDBConnection connection, CancellationToken cancellationToken) =>
        (_directory, _connection, _cancellationToken) = (directory, connection, cancellationToken);

    /// <summary>Opens a session.</summary>
    /// <param name="options">The limits.</param>
    /// <param name="outputFile">The only file that the session can write; null for none.</param>
    /// <param name="cancellationToken">Interrupts what the session runs.</param>
    /// <exception cref="SqlUnavailableException">The engine does not run on this system.</exception>
    public static SqlSession Open(SqlOptions options, string? outputFile, CancellationToken cancellationToken)
    {
        var directory = TemporaryDirectory.TryCreate(options.TemporaryDirectory);
        DuckDBConnection connection;
        try
        {
            connection = new DuckDBConnection("DataSource=:memory:");
        }
        catch (Exception exception) when (IsMissingEngine(exception))
        {
            directory?.Dispose();
            throw Unavailable(exception);
        }
        var session = new SqlSession(directory, connection, cancellationToken);
        try
        {
            connection.Open();
            foreach (var setting in Settings(options, directory?.Path, outputFile))
                session.Execute("SET " + setting);
            return session;
        }
        catch (Exception exception)
        {
            session.Dispose();
            if (IsMissingEngine(exception))
                throw Unavailable(exception);
            throw;
        }
    }

    /// <summary>Returns the name of a new table, which no statement can name.</summary>
    public string NewTableName() =>
        string.Create(CultureInfo.InvariantCulture, $"{_tablePrefix}{++_tables}");

    public void Execute(string sql)
    {
        using var command = CreateCommand(sql);
        using var interruption = new Interruption(command, _cancellationToken);
        command.ExecuteNonQuery();
    }

    /// <summary>Returns the first value of the first row as text; null for NULL.</summary>
    public string? Scalar(string sql)
    {
        using var command = CreateCommand(sql);
        using var interruption = new Interruption(command, _cancellationToken);
        return command.ExecuteScalar() as string;
    }

    public DuckDBCommand CreateCommand(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // The statement of the user is checked, and the engine is locked.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    public DuckDBAppender CreateAppender(string table) => _connection.CreateAppender(table);

    public void Dispose()
    {
        _connection.Dispose();
        _directory?.Dispose();
    }

    private static bool IsMissingEngine(Exception exception) =>
        exception is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
        || (exception is TypeInitializationException
            && exception.InnerException is { } inner
            && IsMissingEngine(inner));

    private static SqlUnavailableException Unavailable(Exception exception) => new(
        "SQL is not available: DuckDB has no library for this system. It has one for Linux with glibc, macOS and "
            + "Windows on x64 and ARM64.",
        exception);

    private static IEnumerable<string> Settings(SqlOptions options, string? directory, string? outputFile)
    {
        yield return $"temp_directory={SqlNames.Literal(directory ?? "")}";
        yield return Bytes("memory_limit", options.MaxMemoryBytes);
        yield return Bytes("max_temp_directory_size", options.MaxTemporaryBytes);
        yield return string.Create(
            CultureInfo.InvariantCulture, $"threads={Math.Min(Environment.ProcessorCount, MaxThreads)}");
        yield return "TimeZone='UTC'";
        yield return "autoinstall_known_extensions=false";
        yield return "autoload_known_extensions=false";
        yield return "allow_community_extensions=false";
        if (outputFile is not null)
            yield return $"allowed_paths=[{SqlNames.Literal(outputFile)}]";
        yield return "enable_external_access=false";
        yield return "lock_configuration=true"; // Must be the last one.
    }

    private static string Bytes(string setting, long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{setting}='{bytes}B'");
}
