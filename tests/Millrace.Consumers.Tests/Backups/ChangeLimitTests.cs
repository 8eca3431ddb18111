using System.Data.Common;
using Microsoft.Data.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Npgsql;

namespace Millrace.Tests.Backups;

/// <summary>Tests the size of the changes that wait in the store for their backup.</summary>
public sealed class ChangeLimitTests
{
    private const int BodyBytes = 10_000;
    private const long MaxBytes = 128 * 1024;

    [Theory]
    [DatabaseKinds]
    public async Task Large_changes_reach_the_limit_before_many_small_ones(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);

        await changes.Start(MaxBytes, default);
        await Write(storage, 50, 10);
        var small = (await changes.Read(0, 100, default))?.Count;
        var numbers = (await changes.Read(0, 100, default))!.Select(change => change.Number);
        await changes.Remove([.. numbers], "1-a", default);
        await Write(storage, 30, BodyBytes);
        var full = await changes.Read(0, 100, default);
        var label = await changes.Start(MaxBytes, default);
        await Write(storage, 1, 10);
        var again = (await changes.Read(0, 100, default))?.Count;

        Assert.Equal((50, 1), (small, again));
        Assert.Null(full);
        Assert.Null(label);
    }

    [Theory]
    [DatabaseKinds]
    public async Task The_limit_changes_with_the_next_start(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(MaxBytes, default);
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);

        await changes.Start(default);
        await Write(storage, 60, BodyBytes);
        var recorded = await changes.Read(0, 100, default);

        Assert.Equal(60, recorded!.Count);
    }

    [Theory]
    [DatabaseKinds]
    public async Task Many_small_changes_reach_the_limit_too(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(MaxBytes, default);
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);

        await Write(storage, 140, 10);

        Assert.Null(await changes.Read(0, 200, default));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_store_that_an_earlier_version_backed_up_continues_without_a_gap(StoreKind kind)
    {
        using var original = await SharedStore.Create(kind);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);
        await changes.Start(default);
        await Write(storage, 3, 10);
        await changes.Remove([1, 2, 3], "1-a", default);
        await Write(storage, 2, 10);
        await using (DbConnection connection = kind == StoreKind.Sqlite
            ? new SqliteConnection($"Data Source={original.File};Pooling=False")
            : new NpgsqlConnection(original.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            // A trigger that must be replaced, as after an upgrade that was interrupted.
            command.CommandText = kind == StoreKind.Sqlite
                ? "DROP TABLE backup_limit; DROP TRIGGER backup_claims_insert; CREATE TRIGGER backup_claims_insert "
                    + "AFTER INSERT ON claims BEGIN SELECT RAISE(ABORT, 'old trigger'); END"
                : "DROP SEQUENCE millrace.backup_changes_removed; CREATE OR REPLACE FUNCTION "
                    + "millrace.backup_claims_insert() RETURNS trigger LANGUAGE plpgsql AS "
                    + "$$ BEGIN RAISE EXCEPTION 'old trigger'; END $$; "
                    + "COMMENT ON TABLE millrace.backup_changes IS 'old'";
            await command.ExecuteNonQueryAsync();
        }

        var label = await changes.Start(MaxBytes, default);
        await Write(storage, 1, 10);
        await Claim(storage);
        var recorded = (await changes.Read(0, 10, default))!;

        Assert.Equal("1-a", label);
        Assert.Equal(4, recorded.Count);
    }

    [Fact]
    public async Task A_new_collection_does_not_need_a_start_after_an_earlier_version()
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(default);
        await changes.Remove([], "1-a", default);
        await using (var connection = new SqliteConnection($"Data Source={original.File};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE backup_limit";
            await command.ExecuteNonQueryAsync();
        }

        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);
        await Write(storage, 1, 10);
        await Claim(storage);

        Assert.Equal(2, (await changes.Read(0, 10, default))!.Count);
        Assert.Equal("1-a", await changes.FindLastPart(default));
    }

    [PostgreSqlFact]
    public async Task Removed_changes_that_an_old_transaction_can_see_do_not_count()
    {
        using var original = await SharedStore.Create(StoreKind.PostgreSql);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(MaxBytes, default);
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);
        await using var old = new NpgsqlConnection(original.ConnectionString);
        await old.OpenAsync();
        await Execute(old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM millrace.backup_changes");

        for (var i = 1; i <= 10; i++)
        {
            await Write(storage, 5, BodyBytes); // In all, four times the limit.
            var numbers = (await changes.Read(0, 100, default))!.Select(change => change.Number).ToList();
            Assert.Equal(5, numbers.Count);
            await changes.Remove(numbers, $"{i}-a", default);
        }
        await Execute(old, "COMMIT");

        Assert.Equal("10-a", await changes.FindLastPart(default));
    }

    [PostgreSqlFact]
    public async Task The_last_of_two_parts_that_two_nodes_noted_remains()
    {
        using var original = await SharedStore.Create(StoreKind.PostgreSql);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(default);
        await using var connection = new NpgsqlConnection(original.ConnectionString);
        await connection.OpenAsync();
        await Execute(connection, "INSERT INTO millrace.backup_changes (tbl, a, position) "
            + "VALUES ('part', '1-a', 0), ('part', '1-b', 0)");

        var label = await changes.Start(default);
        var parts = await Execute(connection, "SELECT count(*) FROM millrace.backup_changes WHERE tbl = 'part'");

        Assert.Equal(("1-b", 1L), (label, parts));
    }

    [PostgreSqlFact]
    public async Task Removed_changes_that_an_old_transaction_can_see_do_not_slow_an_append()
    {
        using var original = await SharedStore.Create(StoreKind.PostgreSql);
        await using var storage = original.Open();
        await storage.Open(default);
        var changes = ((IBackupStorage)storage).Changes;
        await changes.Start(default);
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);
        await Write(storage, 1, 10);
        await using var old = new NpgsqlConnection(original.ConnectionString);
        await old.OpenAsync();
        await Execute(old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM millrace.backup_changes");
        await using var connection = new NpgsqlConnection(original.ConnectionString);
        await connection.OpenAsync();
        await Execute(connection, "INSERT INTO millrace.backup_changes (tbl, a, b, position) "
            + "SELECT 'claims', 'scope', repeat('x', 200), 0 FROM generate_series(1, 20000)");
        var numbers = new List<long>();
        while ((await changes.Read(numbers.LastOrDefault(), 5000, default))! is { Count: > 0 } page)
            numbers.AddRange(page.Select(change => change.Number));
        await changes.Remove(numbers, "1-a", default);

        var blocks = await BlocksOfClaim(connection);
        await Execute(old, "COMMIT");

        Assert.InRange(blocks, 1, 100);
    }

    private static async Task Claim(IStorage storage) => await storage.Log.Commit(
        [new CommitRequest { Claims = [Millrace.Claim.Acquire("names", "ada", "person-ada")] }],
        TimeProvider.System.GetUtcNow(),
        default);

    private static async Task Write(IStorage storage, int count, int bytes)
    {
        var random = new Random(1);
        for (var i = 0; i < count; i++)
        {
            // Text that hardly compresses.
            var body = new byte[bytes * 3 / 4];
            random.NextBytes(body);
            var document = new DocumentChange
            {
                Collection = "timers",
                Key = $"{i}",
                Body = System.Text.Encoding.UTF8.GetBytes($"\"{Convert.ToBase64String(body)}\""),
            };
            await storage.Log.Commit(
                [new CommitRequest { Documents = [document] }], TimeProvider.System.GetUtcNow(), default);
        }
    }

    /// <summary>Returns the blocks of the table and its index that a new claim uses.</summary>
    private static async Task<long> BlocksOfClaim(NpgsqlConnection connection)
    {
        const string Sum = "SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::bigint FROM pg_class "
            + "WHERE relname IN ('backup_changes', 'backup_changes_pkey')";
        await using var transaction = await connection.BeginTransactionAsync();
        var before = await Execute(connection, Sum); // The numbers of former transactions are reported later.
        await Execute(connection, "INSERT INTO millrace.claims (scope, value, owner) VALUES ('names', 'ada', 'a')");
        var after = await Execute(connection, Sum);
        await transaction.RollbackAsync();
        return (long)after! - (long)before!;
    }

    private static async Task<object?> Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
