using System.Diagnostics;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Collections are dropped beside those who read them.</summary>
public sealed class DropTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_dump_that_reads_a_collection_makes_its_drop_fail_soon_and_no_append_wait()
    {
        await using var storage = await Given.Open(Database);
        await storage.Documents.EnsureCollection(new CollectionDefinition("cargo@1", []), CancellationToken.None);
        await using var dump = await Read();
        var begun = Stopwatch.GetTimestamp();

        var drop = storage.Documents.Drop("cargo@1", DateTimeOffset.UnixEpoch, CancellationToken.None).AsTask();
        var append = await storage.Commit(Given.Append("order-1", ExpectedVersion.Any, Given.Event()));
        var refused = await Assert.ThrowsAsync<StorageException>(() => drop);

        Assert.Equal(CommitResult.Committed, append.Result);
        Assert.Equal(StorageProblem.Busy, refused.Problem);
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(8), "It waited as long as for the log's lock.");
        Assert.Equal("cargo@1", Assert.Single(await storage.Documents.List(CancellationToken.None)).Definition.Name);

        await dump.DisposeAsync();
        Assert.True(await storage.Documents.Drop("cargo@1", DateTimeOffset.UnixEpoch, CancellationToken.None));
    }

    /// <summary>Somebody in the midst of a transaction that has read every table of documents.</summary>
    private async Task<NpgsqlConnection> Read()
    {
        var connection = new NpgsqlConnection((await TestServer.Server).ConnectionString(Database) + ";Pooling=false");
        await connection.OpenAsync();
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
