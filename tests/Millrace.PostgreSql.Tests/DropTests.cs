using System.Diagnostics;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests dropping collections with concurrent readers.</summary>
public sealed class DropTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_drop_fails_soon_while_a_dump_reads_the_collection_and_no_append_waits()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(new CollectionDefinition("cargo@1", []), CancellationToken.None);
        await using var dump = await Read();
        var started = Stopwatch.GetTimestamp();

        var drop = storage.Documents.Drop("cargo@1", DateTimeOffset.UnixEpoch, CancellationToken.None).AsTask();
        var append = await storage.Commit(TestData.Append("order-1", ExpectedVersion.Any, TestData.Event()));
        var refused = await Assert.ThrowsAsync<StorageException>(() => drop);

        Assert.Equal(CommitResult.Committed, append.Result);
        Assert.Equal(StorageProblem.Busy, refused.Problem);
        Assert.True(
            Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(40),
            "The drop waited as long as for the lock of the log.");
        Assert.Equal("cargo@1", Assert.Single(await storage.Documents.List(CancellationToken.None)).Definition.Name);

        await dump.DisposeAsync();
        Assert.True(await storage.Documents.Drop("cargo@1", DateTimeOffset.UnixEpoch, CancellationToken.None));
    }

    [PostgreSqlFact]
    public async Task A_collection_is_truncated_or_its_documents_are_deleted_one_by_one_during_a_dump()
    {
        await using var storage = await TestData.Open(
            Database, options => options.LockTimeout = TimeSpan.FromSeconds(1));
        await Fill(storage);
        var file = await FindTableFile();

        await storage.Documents.Clear("cargo@1", "cargo@1", CancellationToken.None);
        var emptied = await FindTableFile();
        await Fill(storage);
        await using (await Read())
            await storage.Documents.Clear("cargo@1", "cargo@1", CancellationToken.None);

        Assert.NotEqual(file, emptied); // PostgreSQL starts a new file for a truncated table.
        Assert.Equal(emptied, await FindTableFile());
        Assert.Equal(0, await storage.Documents.Count("cargo@1", [], CancellationToken.None));
        Assert.Equal(4, (await storage.Leases.Find("cargo@1", CancellationToken.None))[0].LeaseEpoch);
    }

    [PostgreSqlFact]
    public async Task A_move_sees_that_a_collection_is_emptied()
    {
        await using var storage = await TestData.Open(Database);
        await Fill(storage);
        var moves = ((IMovableStorage)storage).Moves;
        await moves.StartSource("elsewhere", CancellationToken.None);
        var file = await FindTableFile();

        await storage.Documents.Clear("cargo@1", "cargo@1", CancellationToken.None);
        await moves.End(CancellationToken.None);

        Assert.Equal(file, await FindTableFile());
        Assert.Equal(0, await storage.Documents.Count("cargo@1", [], CancellationToken.None));
    }

    private static async Task Fill(PostgreSqlStorage storage)
    {
        await storage.Documents.EnsureCollection(new CollectionDefinition("cargo@1", []), CancellationToken.None);
        await storage.Leases.Acquire(
            "cargo@1", 0, "node", TimeSpan.Zero, DateTimeOffset.UtcNow, CancellationToken.None);
        await storage.Commit(
            new CommitRequest
            {
                Documents =
                [
                    .. Enumerable
                        .Range(0, 50)
                        .Select(i => new DocumentChange
                        {
                            Collection = "cargo@1",
                            Key = $"key-{i}",
                            Body = "{}"u8.ToArray(),
                        }),
                ],
            }
        );
    }

    private async Task<long> FindTableFile()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(
            "SELECT relfilenode::bigint FROM pg_class WHERE relname LIKE 'doc\\_%' AND relkind = 'r'", connection);
        return (long)(await command.ExecuteScalarAsync())!; // The table exists.
    }

    /// <summary>Returns a connection with an open transaction that has read every table of documents.</summary>
    private async Task<NpgsqlConnection> Read()
    {
        var connection = await TestServer.Connect(Database);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            BEGIN;
            DO $$ DECLARE one record; BEGIN
              FOR one IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'millrace_documents' LOOP
                EXECUTE format('LOCK TABLE %I.%I IN ACCESS SHARE MODE', one.schemaname, one.tablename);
              END LOOP;
            END $$
            """;
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
