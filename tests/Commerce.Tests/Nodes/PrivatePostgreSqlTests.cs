using Commerce.Nodes;
using Npgsql;
using Servers;

namespace Commerce.Tests.Nodes;

/// <summary>Tests of the shop's own PostgreSQL in unusual directories.</summary>
public sealed class PrivatePostgreSqlTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [RootFact]
    public async Task A_directory_that_its_user_cannot_reach_is_reported_with_advice()
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
    public async Task A_path_that_is_too_long_for_a_socket_has_its_socket_elsewhere()
    {
        var deep = Path.Combine(_data.Path, new string('d', 100), "postgresql");

        var socket = await InUse(deep, "CREATE TABLE kept (id int)");
        Assert.False(socket.StartsWith(_data.Path, StringComparison.Ordinal), socket);
        Assert.False(Directory.Exists(socket), "What was made for the socket is left.");

        await InUse(deep, "SELECT id FROM kept");
    }

    [PostgreSqlFact]
    public async Task Another_path_has_the_socket_beside_the_data()
    {
        var place = Path.Combine(_data.Path, "postgresql");

        Assert.Equal(place, await InUse(place, "SELECT 1"));
        Assert.True(Directory.Exists(Path.Combine(place, "data")));
    }

    /// <summary>Ctrl-C reaches all foreground processes of a terminal, and the server would stop before the
    /// shop.</summary>
    [PostgreSqlFact]
    public async Task A_terminals_signal_to_the_shop_does_not_reach_the_server()
    {
        var place = Path.Combine(_data.Path, "postgresql");

        await using var server = await PrivatePostgreSql.Start(place);

        var id = (await File.ReadAllLinesAsync(Path.Combine(place, "data", "postmaster.pid")))[0];
        var stat = await File.ReadAllTextAsync($"/proc/{id}/stat");
        string[] rest = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // State, parent, group, session.
        Assert.Equal((id, id), (rest[2], rest[3]));
    }

    /// <summary>Starts it, runs a query and stops it; returns the location of its socket.</summary>
    private static async Task<string> InUse(string directory, string sql)
    {
        await using var server = await PrivatePostgreSql.Start(directory);
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
        return connection.Host!; // It is in the connection string.
    }
}
