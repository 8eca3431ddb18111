using Commerce.Nodes;
using Npgsql;
using Servers;

namespace Commerce.Tests.Nodes;

/// <summary>Tests the private PostgreSQL server of the shop in unusual directories.</summary>
public sealed class PrivatePostgreSqlTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [RootFact]
    public async Task A_directory_that_the_server_user_cannot_access_is_reported_with_advice()
    {
        var home = Path.Combine(_data.Path, "home");
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var data = Path.Combine(home, "clone", "data", "postgresql");

        var refused = await Assert.ThrowsAsync<IOException>(() => PrivatePostgreSql.Start(data));

        Assert.Contains($"{home} is closed to others", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--data /var/tmp/shop", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_server_whose_path_is_too_long_for_a_socket_has_its_socket_in_another_directory()
    {
        var deep = Path.Combine(_data.Path, new string('d', 100), "postgresql");

        var socket = await RunStatement(deep, "CREATE TABLE kept (id int)");
        Assert.False(socket.StartsWith(_data.Path, StringComparison.Ordinal), socket);
        Assert.False(Directory.Exists(socket), "The directory of the socket still exists.");

        await RunStatement(deep, "SELECT id FROM kept");
    }

    [PostgreSqlFact]
    public async Task A_server_with_a_short_path_has_its_socket_next_to_the_data()
    {
        var root = Path.Combine(_data.Path, "postgresql");

        Assert.Equal(root, await RunStatement(root, "SELECT 1"));
        Assert.True(Directory.Exists(Path.Combine(root, "data")));
    }

    /// <summary>
    /// The terminal sends Ctrl-C to all its foreground processes, so the server would stop before the shop.
    /// </summary>
    [PostgreSqlFact]
    public async Task The_server_does_not_receive_the_signals_of_the_terminal()
    {
        var root = Path.Combine(_data.Path, "postgresql");

        await using var server = await PrivatePostgreSql.Start(root);

        var id = (await File.ReadAllLinesAsync(Path.Combine(root, "data", "postmaster.pid")))[0];
        var stat = await File.ReadAllTextAsync($"/proc/{id}/stat");
        // The fields are the state, the parent, the process group and the session.
        string[] rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        Assert.Equal((id, id), (rest[2], rest[3]));
    }

    /// <summary>
    /// Starts the server, runs a statement and stops the server. Returns the directory of the socket.
    /// </summary>
    private static async Task<string> RunStatement(string directory, string sql)
    {
        await using var server = await PrivatePostgreSql.Start(directory);
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection.Host!; // The connection string contains the host.
    }
}
