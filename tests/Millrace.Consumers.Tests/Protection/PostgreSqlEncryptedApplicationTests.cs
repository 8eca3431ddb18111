using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.Tests.Protection;

/// <summary>Runs the tests of encrypted applications on PostgreSQL, with keys in another database.</summary>
public sealed class PostgreSqlEncryptedApplicationTests : EncryptedApplicationTests, IAsyncLifetime
{
    private const string LastOf =
        "position = (SELECT max(position) FROM millrace.events WHERE stream = $1)";

    private PostgreSqlServer _server = null!; // Set by InitializeAsync.
    private int? _keyPort;

    [PostgreSqlFact]
    public async Task Readers_and_consumers_wait_for_a_key_store_that_is_unavailable()
    {
        await using var proxy = new TcpProxy(_server.Port);
        await using var writer = await Start(runsConsumers: false);
        _keyPort = proxy.Port;
        await using var node = await Start();
        await writer.Register("1", "ada@example.org");
        await node.WaitForMails(1);

        proxy.Cut();
        node.Keys.Forget(); // As after the cache time.
        var token = await writer.Register("1", "second@example.org");

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => node.ReadLast("1"));
        Assert.True(refused.IsTransient);
        await Assert.ThrowsAsync<KeyStoreException>(() => node.Register("2", "third@example.org"));
        // The status of consumers can be read without the keys.
        await Eventually.Get(
            node.Consumers,
            CustomerNode.Mailer,
            static status => status is { LagEvents: 1, LagTime.TotalSeconds: > 2 },
            TestNode.WaitTimeout);
        Assert.Equal(["ada@example.org"], node.Mails);
        Assert.Empty(await node.DeadLetters.List(new DeadLetterQuery()));
        proxy.Restore();

        Assert.Equal(["ada@example.org", "second@example.org"], await node.WaitForMails(2));
        Assert.Equal("second@example.org", (await node.ReadView("1", token))!.Email);
        Assert.Empty(await node.DeadLetters.List(new DeadLetterQuery()));
    }

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.ReasonToSkip is not null)
            return;
        _server = await PostgreSqlServer.Start();
        foreach (var database in new[] { "events", "keys", "other_keys" })
            await _server.Execute($"CREATE DATABASE {database}");
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    protected override void UseStore(MillraceBuilder millrace) =>
        millrace.UsePostgreSql(_server.ConnectionString("events"));

    protected override void UseKeys(MillraceBuilder millrace, string passphrase) =>
        millrace.UsePostgreSqlKeys(
            new NpgsqlConnectionStringBuilder(_server.ConnectionString("keys")) { Port = _keyPort ?? _server.Port }
                .ConnectionString,
            passphrase);

    protected override void UseOtherKeys(MillraceBuilder millrace) =>
        millrace.UsePostgreSqlKeys(_server.ConnectionString("other_keys"), Passphrase);

    protected override async Task<byte[]> ReadPayload(string stream) =>
        (byte[])(await Execute($"SELECT payload FROM millrace.events WHERE {LastOf}", stream))!;

    protected override Task WritePayload(string stream, byte[] payload) =>
        Execute($"UPDATE millrace.events SET payload = $2 WHERE {LastOf}", stream, payload);

    /// <summary>Reads all files of the server: tables, indexes and the write-ahead log.</summary>
    protected override async Task<IReadOnlyList<(string Name, byte[] Content)>> ReadFiles()
    {
        await _server.Execute("CHECKPOINT");
        var directory = (string)(await Execute("SHOW data_directory"))!;
        var files = new List<(string, byte[])>();
        foreach (var part in new[] { "base", "pg_wal" })
        {
            foreach (var path in Directory.GetFiles(Path.Combine(directory, part), "*", SearchOption.AllDirectories))
                files.Add((Path.GetRelativePath(directory, path), await File.ReadAllBytesAsync(path)));
        }
        return files;
    }

    private async Task<object?> Execute(string sql, params object[] parameters)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString("events") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync();
    }
}
