using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// Tests that a commit in doubt is copied into the database file before the writer continues or returns a result.
/// </summary>
public sealed class InDoubtSettlementTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string StorePath => _directory["shop.db"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_writer_continues_after_a_commit_in_doubt_only_when_the_log_is_in_the_file()
    {
        using var writer = new Writer(new SqliteOptions { Path = StorePath }, TimeProvider.System);
        writer.Open();
        Write(writer, "CREATE TABLE things (number INTEGER)");
        FailInDoubt(writer);

        StorageException refused;
        using (var reader = Connection.Open(StorePath, ConnectionKind.Read, TimeSpan.Zero))
        {
            // The reader uses an old snapshot, so that the log cannot be copied completely.
            reader.Execute("BEGIN; SELECT count(*) FROM things");
            refused = Assert.Throws<StorageException>(() => Write(writer, "SELECT 1"));
        }
        var isUnresolvedWhileRead = writer.IsUnresolved;
        Write(writer, "SELECT 1");

        Assert.True(refused.IsInDoubt);
        Assert.True(isUnresolvedWhileRead);
        Assert.False(writer.IsUnresolved);
        Assert.Equal(1, CountTablesInFile("things"));
    }

    /// <summary>Makes a commit fail whose outcome cannot be determined.</summary>
    private static void FailInDoubt(Writer writer)
    {
        var failure = Assert.Throws<StorageException>(() => writer.Write(
            static (connection, _) =>
            {
                // COMMIT checks deferred constraints. They can only be enabled between two transactions.
                connection.Execute("""
                    COMMIT;
                    PRAGMA foreign_keys = ON;
                    BEGIN IMMEDIATE;
                    CREATE TABLE parents (id INTEGER PRIMARY KEY);
                    CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
                    INSERT INTO children VALUES (7);
                    """);
                return 0;
            },
            0,
            static (_, _, _) => throw new StorageException("It cannot be read.", StorageProblem.InputOutput),
            CancellationToken.None));

        Assert.True(failure.IsInDoubt);
        Assert.True(writer.IsUnresolved);
    }

    private static void Write(Writer writer, string sql) => writer.Write(
        static (connection, sql) =>
        {
            connection.Execute(sql);
            return 0;
        },
        sql,
        isCommitted: null,
        CancellationToken.None);

    /// <summary>Reads the file without its write-ahead log.</summary>
    private long CountTablesInFile(string name)
    {
        File.Copy(StorePath, _directory["alone.db"]);
        using var copy = Connection.Open(_directory["alone.db"], ConnectionKind.Write, TimeSpan.Zero);
        return copy.Get("SELECT count(*) FROM sqlite_master WHERE name = ?1").Bind(1, name).Scalar();
    }
}
