using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that nodes build the missing indexes of an older log while the log is in use.</summary>
public sealed class IndexBuildTests : DatabaseTests
{
    private const string OldSchema = """
        DROP INDEX millrace.events_by_source;
        ALTER TABLE millrace.header DROP COLUMN server;
        DROP TABLE millrace.retired_collections;
        UPDATE millrace.header SET schema_version = 2;
        """;

    private const string Indexes = """
        SELECT coalesce(string_agg(CASE WHEN indisvalid THEN 'valid' ELSE 'invalid' END, ' '), 'none')
        FROM pg_index WHERE indexrelid = to_regclass('millrace.events_by_source')
        """;

    // Other tests build indexes on the same server, so the query selects only this database.
    private const string Builders =
        "SELECT string_agg(pid::text, ' ') FROM pg_stat_progress_create_index WHERE datname = current_database()";

    private static readonly EventFilter Imported = new() { Source = "import" };

    [PostgreSqlFact]
    public async Task Several_nodes_that_start_concurrently_build_the_index_once()
    {
        await MakeOld(Database);

        var nodes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => TestData.Open(Database)));
        await Task.WhenAll(nodes.Select(node => node.BuildIndexes(CancellationToken.None).AsTask()));

        Assert.Equal("valid", await Ask(Indexes));
        Assert.Equal(3, await nodes[0].Log.Count(Imported, CancellationToken.None));
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_node_builds_an_index_online_and_again_after_a_crash()
    {
        await MakeOld(Database);
        // An index build waits for older transactions.
        await using var old = await Hold("SELECT count(*) FROM millrace.events");
        await using var storage = await TestData.Open(Database);
        await Eventually.Get(() => Ask(Indexes), state => state == "invalid");

        for (var i = 0; i < 20; i++)
            await storage.Commit(TestData.Append("b", ExpectedVersion.AsRead(i), ImportedEvent()));
        Assert.Equal(23, await storage.Log.Count(Imported, CancellationToken.None));
        Assert.Contains(
            (await storage.Maintenance.GetInfo(CancellationToken.None)).Details,
            detail => detail.Key == "indexes");
        await Ask(
            "SELECT pg_terminate_backend(pid)::text FROM pg_stat_progress_create_index WHERE "
                + "datname = current_database()"
        );
        await storage.Commit(TestData.Append("b", ExpectedVersion.Any, ImportedEvent()));
        await old.DisposeAsync();

        await Eventually.Get(() => Ask(Indexes), state => state == "valid");
        Assert.Equal(24, await storage.Log.Count(Imported, CancellationToken.None));
        Assert.DoesNotContain(
            (await storage.Maintenance.GetInfo(CancellationToken.None)).Details, detail => detail.Key == "indexes");
    }

    [PostgreSqlFact]
    public async Task A_node_neither_removes_nor_awaits_the_index_build_of_another_node()
    {
        await MakeOld(Database);
        await using var old = await Hold("SELECT count(*) FROM millrace.events");
        await using var first = await TestData.Open(Database);
        var builder = await Eventually.Get(() => Ask(Builders), processes => processes.Length > 0);
        await using var second = await TestData.Open(Database);
        var server = await TestServer.Server;
        foreach (var statement in PostgreSqlSchema
                .IndexStatements()
                .Where(statement => statement.StartsWith("DO", StringComparison.Ordinal)))
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => server.Execute(statement, Database));
            Assert.Equal(PostgresErrorCodes.LockNotAvailable, refused.SqlState);
        }

        await second.Commit(TestData.Append("b", ExpectedVersion.NoStream, ImportedEvent()));

        Assert.Equal(builder, await Ask(Builders));
        await old.DisposeAsync();
        await Eventually.Get(() => Ask(Indexes), state => state == "valid");
    }

    [PostgreSqlFact]
    public async Task The_next_node_builds_the_index_when_a_node_closes_during_the_build()
    {
        await MakeOld(Database);
        await using (var old = await Hold("SELECT count(*) FROM millrace.events"))
        await using (await TestData.Open(Database))
            await Eventually.Get(() => Ask(Indexes), state => state == "invalid");

        await using var next = await TestData.Open(Database);

        await Eventually.Get(() => Ask(Indexes), state => state == "valid");
    }

    [PostgreSqlFact]
    public async Task A_role_that_does_not_own_the_log_works_without_the_index_and_cannot_build_it()
    {
        await MakeOld(Database);
        var server = await TestServer.Server;
        var role = $"app_{Database}";
        await server.Execute($"CREATE ROLE {role} LOGIN");
        await server.Execute(PostgreSqlSchema.Script(applicationRole: role), Database);
        await using var storage = await TestData.Open(
            Database, options => options.ConnectionString = server.ConnectionString(Database, role));

        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            storage.BuildIndexes(CancellationToken.None).AsTask());

        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Equal("none", await Ask(Indexes));
        Assert.Equal(3, await storage.Log.Count(Imported, CancellationToken.None));
        await using (var connection = await TestServer.Connect(Database))
        {
            foreach (var statement in PostgreSqlSchema.IndexStatements())
                await using (var command = new NpgsqlCommand(statement, connection))
                    await command.ExecuteNonQueryAsync();
        }
        Assert.Equal("valid", await Ask(Indexes));
    }

    [PostgreSqlFact]
    public async Task A_migration_that_would_block_other_clients_is_postponed()
    {
        await MakeOld(Database);
        await using var holder = await Hold("LOCK TABLE millrace.header");

        var postponed = await Assert.ThrowsAsync<PostgresException>(
            async () => await (await TestServer.Server).Execute(PostgreSqlSchema.Script(), Database));
        var opening = TestData.Open(Database);
        await Eventually.Get(
            () => Ask("SELECT count(*)::text FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                + "WHERE NOT l.granted AND d.datname = current_database()"),
            waiting => waiting != "0");
        await holder.DisposeAsync();

        Assert.Equal(PostgresErrorCodes.LockNotAvailable, postponed.SqlState);
        await using var storage = await opening;
        Assert.Equal(3, (await storage.ReadAll()).Count);
    }

    private static EncodedEvent ImportedEvent() => new()
    {
        Id = Guid.CreateVersion7(),
        Type = "thing.happened",
        Payload = "{}"u8.ToArray(),
        Source = "import",
    };

    /// <summary>Creates a store of schema version 2 with events.</summary>
    private static async Task MakeOld(string database)
    {
        await using (var storage = await TestData.Open(database))
            await storage.Commit(
                TestData.Append("a", ExpectedVersion.NoStream, ImportedEvent(), ImportedEvent(), ImportedEvent()));
        await (await TestServer.Server).Execute(OldSchema, database);
    }

    /// <summary>Runs a statement in a transaction that remains open, and returns its connection.</summary>
    private async Task<NpgsqlConnection> Hold(string sql)
    {
        var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand($"BEGIN ISOLATION LEVEL REPEATABLE READ; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private async Task<string> Ask(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string ?? "";
    }
}
