using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests SQL of the application in the transaction of a commit.</summary>
public sealed class StatementTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Forbidden =>
    [
        "UPDATE events SET payload = x'00'",
        "DELETE FROM streams",
        "INSERT INTO names (name) VALUES ('x')",
        "DROP TABLE events",
        "ALTER TABLE events ADD COLUMN more TEXT",
        "CREATE INDEX mine ON events (version)",
        "CREATE TRIGGER mine AFTER INSERT ON events BEGIN DELETE FROM sales; END",
        "UPDATE doc_1 SET version = 9",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT mine",
        "ATTACH DATABASE ':memory:' AS more",
        "PRAGMA synchronous = OFF",
        "no SQL at all",
    ];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Statements_and_events_are_written_together()
    {
        await using var storage = await Open();

        await storage.Commit(
            Request("order-1", new SqlStatement("INSERT INTO sales (day, total) VALUES (?, ?)", ["2026-03-01", 12.5])));

        Assert.Equal(1, Query("SELECT count(*) FROM sales WHERE day = '2026-03-01' AND total = 12.5"));
        Assert.Single(await storage.ReadAll());
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task SQL_on_tables_of_Millrace_is_refused_and_no_event_is_written(string sql)
    {
        await using var storage = await Open();
        await storage.Documents.EnsureCollection(new CollectionDefinition("people", []), TestData.Cancel);

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            storage.Commit(Request("order-1", new SqlStatement(sql, []))));

        Assert.Equal(StorageProblem.Statement, refused.Problem);
        Assert.Empty(await storage.ReadAll());
        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task A_failed_statement_rolls_back_its_events()
    {
        await using var storage = await Open();
        var insert = new SqlStatement("INSERT INTO sales (day, total) VALUES ('2026-03-01', 1)", []);

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            storage.Commit(Request("order-1", insert, insert)));

        Assert.Equal(StorageProblem.Statement, refused.Problem);
        Assert.Equal(0, Query("SELECT count(*) FROM sales"));
        Assert.Empty(await storage.ReadAll());
    }

    [Fact]
    public async Task A_wrong_number_of_values_is_refused()
    {
        await using var storage = await Open();

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            storage.Commit(
                Request("order-1", new SqlStatement("INSERT INTO sales (day, total) VALUES (?, ?)", ["2026-03-01"]))));

        Assert.Equal(StorageProblem.Statement, refused.Problem);
    }

    private static CommitRequest Request(string stream, params SqlStatement[] statements) =>
        new()
        {
            Appends = [new StreamAppend(new StreamId(stream), ExpectedVersion.Any, [TestData.Event()])],
            Statements = statements,
        };

    private async Task<SqliteStorage> Open()
    {
        var storage = await TestData.Open(_directory["shop.db"]);
        await storage.Commit(new CommitRequest
        {
            Statements = [new SqlStatement("CREATE TABLE sales (day TEXT PRIMARY KEY, total REAL)", [])],
        });
        return storage;
    }

    private long Query(string sql)
    {
        using var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Read, TimeSpan.Zero);
        return connection.Get(sql).Scalar();
    }
}
