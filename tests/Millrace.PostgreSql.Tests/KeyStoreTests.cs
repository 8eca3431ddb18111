using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests refusals and failures of key stores. The conformance suite tests their operations.</summary>
public sealed class KeyStoreTests : DatabaseTests
{
    private const string Passphrase = "a long passphrase";

    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    [PostgreSqlFact]
    public async Task A_database_with_events_is_refused_and_not_changed()
    {
        foreach (var schema in new[] { "millrace", "shop_log" })
        {
            var database = await (await TestServer.Server).CreateDatabase();
            var options = await TestServer.Options(database);
            options.LogSchema = schema;
            await using (var storage = new PostgreSqlStorage(options))
                await storage.Open(CancellationToken.None);

            var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open(database));

            Assert.Equal(StorageProblem.NotAStore, refused.Problem);
            Assert.Contains($"'{schema}'", refused.Message, StringComparison.Ordinal);
            Assert.Equal(
                0L, await Scalar("SELECT count(*) FROM pg_namespace WHERE nspname = 'millrace_keys'", database));
            await (await TestServer.Server).DropDatabase(database);
        }
    }

    [PostgreSqlFact]
    public async Task An_application_with_one_database_for_events_and_keys_does_not_start()
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UsePostgreSql(address)
            .UsePostgreSqlKeys(address, Passphrase));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => host.StartAsync());

        Assert.Equal(StorageProblem.NotAStore, refused.Problem);
        Assert.Contains("apart from the events", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public void Invalid_settings_are_refused()
    {
        var services = new ServiceCollection();
        services.AddMillrace(millrace =>
        {
            Assert.Throws<ArgumentException>(() => millrace.UsePostgreSqlKeys(" ", Passphrase));
            Assert.Throws<ArgumentException>(() => millrace.UsePostgreSqlKeys("Database=keys", Passphrase));
            Assert.Throws<ArgumentException>(() =>
                millrace.UsePostgreSqlKeys("postgres://owner@host/keys_{tenant}", Passphrase));
            Assert.Throws<ArgumentException>(() => millrace.UsePostgreSqlKeys("postgres://owner@host/keys", "short"));
        });
    }

    [PostgreSqlFact]
    public async Task A_newer_schema_is_refused()
    {
        await (await Open()).DisposeAsync();
        await Execute("UPDATE millrace_keys.header SET schema_version = 2");

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open());

        Assert.Equal(StorageProblem.TooNew, refused.Problem);
    }

    [PostgreSqlFact]
    public async Task A_missing_right_is_reported_with_the_role()
    {
        var role = $"clerk_{Database}";
        await Execute($"CREATE ROLE {role} LOGIN");
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open(user: role));
        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Contains($"'{role}'", refused.Message, StringComparison.Ordinal);

        await (await Open()).DisposeAsync();
        await Execute($"""
            GRANT USAGE ON SCHEMA millrace_keys TO {role};
            GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA millrace_keys TO {role};
            """);
        await using (var keys = await Open(user: role))
        {
            var key = NewKey("customer-1");
            await keys.Add(key, CancellationToken.None);
            // The role may not run VACUUM, which only leaves a warning.
            Assert.Equal([key.Id], await keys.Destroy(key.Owner, Now, CancellationToken.None));
        }
        await Execute($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [PostgreSqlFact]
    public async Task Several_nodes_create_one_key_store_at_the_same_time()
    {
        var nodes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => Open())));

        var ids = await Task.WhenAll(nodes.Select(async node => (await node.Open(CancellationToken.None)).Id));

        Assert.Single(ids.Distinct());
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task A_server_that_cannot_be_reached_is_unavailable_until_it_returns()
    {
        await using var server = await PostgreSqlServer.Start();
        await using var keys = new PostgreSqlKeyStore(server.ConnectionString());
        await keys.Open(CancellationToken.None);
        var key = await keys.Add(NewKey("customer-1"), CancellationToken.None);
        await server.Crash();

        foreach (var call in new Func<Task>[]
        {
            async () => await keys.Find([key.Id], CancellationToken.None),
            async () => await keys.Add(NewKey("customer-2"), CancellationToken.None),
            async () => await keys.Destroy(key.Owner, Now, CancellationToken.None),
        })
        {
            var refused = await Assert.ThrowsAsync<KeyStoreException>(call);
            Assert.Equal(StorageProblem.Unavailable, refused.Problem);
            Assert.True(refused.IsTransient);
        }
        await server.Restart();

        Assert.Equal(key.Id, (await keys.FindCurrent(key.Owner, CancellationToken.None))?.Id);
        Assert.Equal([key.Id], await keys.Destroy(key.Owner, Now, CancellationToken.None));
    }

    [PostgreSqlFact]
    public async Task Connections_that_the_server_closed_are_replaced_without_a_failure()
    {
        await using var keys = await Open();
        var key = await keys.Add(NewKey("customer-1"), CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            await Execute($"""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = '{Database}' AND pid <> pg_backend_pid()
                """);

            Assert.Equal(key.Id, (await keys.FindCurrent(key.Owner, CancellationToken.None))?.Id);
            await keys.Add(NewKey($"customer-{i + 2}"), CancellationToken.None);
        }
    }

    [PostgreSqlFact]
    public async Task A_lock_of_another_session_is_waited_for_only_for_a_limited_time()
    {
        await using var keys = await Open();
        var key = await keys.Add(NewKey("customer-1"), CancellationToken.None);
        await using var other = await TestServer.Connect(Database);
        await using var transaction = await other.BeginTransactionAsync();
        await using (var held = new NpgsqlCommand("LOCK TABLE millrace_keys.keys IN ACCESS EXCLUSIVE MODE", other))
            await held.ExecuteNonQueryAsync();
        var started = Stopwatch.GetTimestamp();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(async () =>
            await keys.Destroy(key.Owner, Now, CancellationToken.None));

        Assert.Equal(StorageProblem.Busy, refused.Problem);
        Assert.True(refused.IsTransient);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(1));
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await keys.Find([key.Id], limit.Token));
    }

    [PostgreSqlFact]
    public async Task The_table_has_no_former_version_of_a_destroyed_key()
    {
        await using var keys = await Open();
        var key = await keys.Add(NewKey("customer-1"), CancellationToken.None);

        await keys.Destroy(key.Owner, Now, CancellationToken.None);

        await Execute("CREATE EXTENSION IF NOT EXISTS pageinspect");
        const string find = """
            SELECT count(*) FROM heap_page_items(get_raw_page('millrace_keys.keys', 0))
            WHERE position($1 IN t_data) > 0
            """;
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(find, connection)
        {
            Parameters = { new NpgsqlParameter { Value = key.Wrapped.ToArray() } },
        };
        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [PostgreSqlFact]
    public async Task A_text_that_cannot_be_stored_is_refused()
    {
        await using var keys = await Open();

        await Assert.ThrowsAsync<KeyStoreException>(async () =>
            await keys.Add(NewKey("customer-\0"), CancellationToken.None));
    }

    private static KeyRecord NewKey(string subject) => new()
    {
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(11)),
        Owner = new KeyOwner("", subject, "personal"),
        Wrapped = RandomNumberGenerator.GetBytes(60),
        MasterKeyId = "master-1",
        CreatedAt = Now,
    };

    private async Task<PostgreSqlKeyStore> Open(string? database = null, string user = PostgreSqlServer.Superuser)
    {
        var server = await TestServer.Server;
        var keys = new PostgreSqlKeyStore(server.ConnectionString(database ?? Database, user));
        try
        {
            await keys.Open(CancellationToken.None);
            return keys;
        }
        catch
        {
            await keys.DisposeAsync();
            throw;
        }
    }

    private async Task Execute(string sql) => await (await TestServer.Server).Execute(sql, Database);

    private static async Task<object?> Scalar(string sql, string database)
    {
        await using var connection = await TestServer.Connect(database);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
