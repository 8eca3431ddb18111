using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests a server that accepts only TLS, and clients that verify the certificate of the server.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Host = "localhost";

    private PostgreSqlServer? _server;
    private string _trusted = "";
    private string _other = "";

    private PostgreSqlServer Server => _server ?? throw new InvalidOperationException("The server was not started.");

    public async Task InitializeAsync()
    {
        if (PostgreSqlPrograms.Directory is null)
            return;
        using var certificate = SelfSignedCertificate.Of(Host);
        using var other = SelfSignedCertificate.Of(Host);
        _server = await PostgreSqlServer.Start();
        (_trusted, _other) = (await Server.UseTls(certificate), Path.GetTempFileName());
        await File.WriteAllTextAsync(_other, other.ExportCertificatePem());
    }

    public async Task DisposeAsync()
    {
        if (_server is null)
            return;
        await _server.DisposeAsync();
        File.Delete(_other);
    }

    [PostgreSqlTheory]
    [InlineData("Host={0};Port={1};Database=postgres;Username=owner;SSL Mode=VerifyFull;Root Certificate={2}")]
    [InlineData("postgres://owner@{0}:{1}/postgres?sslmode=verify-full&sslrootcert={2}")]
    public async Task A_store_opens_over_TLS_if_the_certificate_is_trusted(string address)
    {
        await using var store = await Open(address, Host, _trusted);

        var happened = NewEvent.FromBytes("thing.happened", "{}"u8.ToArray());
        var written = await store.Append(new StreamId("a"), ExpectedVersion.NoStream, [happened]);

        Assert.Equal(1, written.Position);
        await using var connection = new NpgsqlConnection(Server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT count(*) FILTER (WHERE s.ssl), count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
            WHERE a.application_name = 'millrace'
            """;
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        Assert.True(
            row.GetInt64(0) > 0 && row.GetInt64(0) == row.GetInt64(1),
            $"{row.GetInt64(0)} of {row.GetInt64(1)} have TLS.");
    }

    [PostgreSqlTheory]
    [InlineData("localhost", false)] // The certificate is not trusted.
    [InlineData("127.0.0.1", true)] // The certificate is for another host name.
    public async Task A_server_without_a_valid_certificate_is_refused(string host, bool isTrusted)
    {
        var failure = await Assert.ThrowsAsync<StorageException>(() => Open(
            "Host={0};Port={1};Database=postgres;Username=owner;SSL Mode=VerifyFull;Root Certificate={2}", host,
            isTrusted ? _trusted : _other));

        Assert.Equal(StorageProblem.Unavailable, failure.Problem);
        Assert.Contains("could not be authenticated", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Root Certificate", failure.Message, StringComparison.Ordinal);
    }

    private Task<EventStore> Open(string address, string host, string root) => EventStore.Open(
        new PostgreSqlStorage(string.Format(null, address, host, Server.Port, root)), EventTypeMap.Empty);
}
