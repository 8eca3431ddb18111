using Npgsql;

namespace Servers;

/// <summary>
/// A connection pool in front of a server, which can run each transaction on another connection. The pool stops with
/// this process.
/// </summary>
public sealed class PgBouncer : IAsyncDisposable
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs pgbouncer: apt-get install pgbouncer";

    private readonly string _directory;
    private readonly WatchedProgram _program;

    private PgBouncer(string directory, int port, WatchedProgram program) =>
        (_directory, Port, _program) = (directory, port, program);

    /// <summary>Gets the path of the program, or null if PgBouncer is not installed.</summary>
    public static string? Program { get; } =
        new[] { "/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/usr/bin/pgbouncer" }.FirstOrDefault(File.Exists);

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts a pool in front of a server.</summary>
    /// <param name="server">The port of the server.</param>
    /// <param name="connections">The number of connections that all clients share.</param>
    public static async Task<PgBouncer> Start(int server, int connections)
    {
        var program = Program ?? throw new InvalidOperationException($"This {Missing}.");
        var directory = Directory.CreateTempSubdirectory("millrace-pgbouncer-").FullName;
        var port = FreePorts.Take();
        await File.WriteAllTextAsync(Path.Combine(directory, "users"), "\"owner\" \"\"\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "pgbouncer.ini"), $"""
            [databases]
            * = host=127.0.0.1 port={server}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {directory}/users
            pool_mode = transaction
            default_pool_size = {connections}
            max_client_conn = 500
            ignore_startup_parameters = extra_float_digits
            """);
        await ServerDirectory.HandOver(directory);
        var started = WatchedProgram.Start(
            Path.Combine(directory, "log"), directory, program, Path.Combine(directory, "pgbouncer.ini"));
        var bouncer = new PgBouncer(directory, port, started);
        await bouncer.WaitUntilReady();
        return bouncer;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitUntilReady()
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var tries = 3_000; await pause.WaitForNextTickAsync(); tries--)
        {
            try
            {
                await using var connection = new NpgsqlConnection(
                    $"Host=127.0.0.1;Port={Port};Database=postgres;Username=owner;Pooling=false;No Reset On Close=true"
                );
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException failure) when (tries == 0 || _program.HasExited)
            {
                var log = await File.ReadAllTextAsync(Path.Combine(_directory, "log"));
                throw new InvalidOperationException($"pgbouncer did not become ready: {log}", failure);
            }
            catch (NpgsqlException)
            {
                // The pool is not ready.
            }
        }
    }
}
