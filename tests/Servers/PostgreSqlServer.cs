using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Servers;

/// <summary>
/// A PostgreSQL server of this process on a free port, with a separate data directory. The server stops with the
/// process, even after a crash.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>The owner of all objects.</summary>
    public const string Superuser = "owner";

    private const string Prefix = "millrace-postgresql-";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    // Created once and copied for each server.
    private static readonly Lazy<Task<string>> EmptyData = new(() => Task.Run(CreateEmpty));
    private static int _databases;

    private readonly string _directory;
    private WatchedProgram _watch;
    private bool _hasStopped;

    private PostgreSqlServer(string directory, int port, WatchedProgram watch) =>
        (_directory, Port, _watch) = (directory, port, watch);

    /// <summary>Gets the directory with all files of the server.</summary>
    public string DataDirectory => _directory;

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Gets the path of the log file.</summary>
    public string LogPath => Path.Combine(_directory, "log");

    /// <summary>Creates and starts a server, which takes half a second, or a second and a half for the first.</summary>
    /// <param name="isDurable">
    /// Whether commits reach the disk. Only benchmarks and tests of durability need this.
    /// </param>
    /// <param name="settings">Additional lines of the configuration.</param>
    public static async Task<PostgreSqlServer> Start(bool isDurable = false, params string[] settings)
    {
        var programs =
            PostgreSqlPrograms.Directory ?? throw new InvalidOperationException($"This {PostgreSqlPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        await Run([.. WatchedProgram.AsUser(), "cp", "-a", await EmptyData.Value, Path.Combine(directory, "data")]);
        var port = FreePorts.Take();
        await File.AppendAllLinesAsync(
            Path.Combine(directory, "data", "postgresql.conf"),
            [
                "listen_addresses = '127.0.0.1'",
                $"port = {port}",
                $"unix_socket_directories = '{directory}'",
                "max_connections = 300",
                // With hundreds of databases, the server would start a process to clean one several times per second.
                .. isDurable
                    ? Array.Empty<string>()
                    : ["fsync = off", "full_page_writes = off", "autovacuum = off", "max_wal_size = 128MB"],
                .. settings,
            ]
        );
        var server = new PostgreSqlServer(directory, port, Watch(programs, directory));
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Creates and starts a standby of this server, which accepts reads.</summary>
    public async Task<PostgreSqlServer> StartStandby()
    {
        var programs = PostgreSqlPrograms.Directory!; // Not null, because this server was started.
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        var data = Path.Combine(directory, "data");
        await Run([.. WatchedProgram.AsUser(), Path.Combine(programs, "pg_basebackup"), "-D", data, "-h", "127.0.0.1",
            "-p", $"{Port}", "-U", Superuser, "-R", "-X", "stream", "-c", "fast"]);
        var port = FreePorts.Take();
        await File.AppendAllLinesAsync(
            Path.Combine(data, "postgresql.conf"), [$"port = {port}", $"unix_socket_directories = '{directory}'"]);
        var standby = new PostgreSqlServer(directory, port, Watch(programs, directory));
        await standby.WaitUntilReady();
        return standby;
    }

    /// <summary>Promotes a standby to primary and returns when it accepts writes.</summary>
    public Task Promote() =>
        Execute("DO $$ BEGIN IF NOT pg_promote() THEN RAISE 'It was not promoted in time.'; END IF; END $$");

    /// <summary>Configures a certificate, requires TLS, and returns the path of the certificate file.</summary>
    public async Task<string> UseTls(X509Certificate2 certificate)
    {
        var (certificateFile, key) = (Path.Combine(_directory, "server.crt"), Path.Combine(_directory, "server.key"));
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem());
        // The certificate has a key.
        await File.WriteAllTextAsync(key, certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await Run("chmod", "600", key); // The server refuses a key file that others can read.
        await ServerDirectory.HandOver(_directory);
        var rules = string.Join(
            '\n', "local all all trust", "hostnossl all all all reject", "hostssl all all all trust");
        await File.WriteAllTextAsync(Path.Combine(_directory, "data", "pg_hba.conf"), rules + "\n");
        await Execute($"ALTER SYSTEM SET ssl_cert_file = '{certificateFile}'");
        await Execute($"ALTER SYSTEM SET ssl_key_file = '{key}'");
        await Execute("ALTER SYSTEM SET ssl = on");
        await Execute("SELECT pg_reload_conf()");
        return certificateFile;
    }

    /// <summary>Returns the connection string of a database, by default for the superuser.</summary>
    public string ConnectionString(string database = "postgres", string user = Superuser) =>
        $"Host=127.0.0.1;Port={Port};Database={database};Username={user}";

    /// <summary>Creates a database and returns its name.</summary>
    /// <param name="template">The database to copy, to which no client may be connected.</param>
    public async Task<string> CreateDatabase(string template = "template1")
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await Execute($"CREATE DATABASE {name} TEMPLATE {template}");
        return name;
    }

    /// <summary>Removes a database and closes its connections.</summary>
    public Task DropDatabase(string name) => Execute($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Executes a statement as the superuser.</summary>
    public async Task Execute(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection)
        {
            CommandTimeout = (int)WaitTimeout.TotalSeconds * 2,
        };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a script with psql, statement by statement, and stops at the first error.</summary>
    public async Task RunScript(string sql, string database, string user = Superuser)
    {
        var file = Path.Combine(_directory, "script.sql");
        await File.WriteAllTextAsync(file, sql);
        await Run(
            Path.Combine(PostgreSqlPrograms.Directory!, "psql"),
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            $"{Port}",
            "-U",
            user,
            "-d",
            database,
            "-f",
            file); // Not null, because this server was started.
    }

    /// <summary>Stops the server immediately, like a crash, and keeps its data.</summary>
    public async Task Crash()
    {
        if (!_hasStopped)
            await _watch.DisposeAsync();
        _hasStopped = true;
    }

    /// <summary>Restarts the server after a crash.</summary>
    public async Task Restart()
    {
        // The programs exist, because the server was started before.
        _watch = Watch(PostgreSqlPrograms.Directory!, _directory);
        _hasStopped = false;
        await WaitUntilReady();
    }

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    /// <summary>Creates the data directory of a new server, which is removed when the process ends.</summary>
    private static async Task<string> CreateEmpty()
    {
        var directory = await ServerDirectory.Create(Prefix);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => ServerDirectory.Remove(directory);
        await ServerDirectory.HandOver(directory);
        var data = Path.Combine(directory, "data");
        // The programs exist, because the caller has checked them.
        await Run([
            .. WatchedProgram.AsUser(),
            Path.Combine(PostgreSqlPrograms.Directory!, "initdb"),
            "-D",
            data,
            "-U",
            Superuser,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]);
        return data;
    }

    private static WatchedProgram Watch(string programs, string directory) =>
        WatchedProgram.Start(
            Path.Combine(directory, "log"),
            directory,
            Path.Combine(programs, "postgres"),
            "-D",
            Path.Combine(directory, "data"));

    /// <summary>Waits until the server accepts connections.</summary>
    public async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                await Execute("SELECT 1");
                return;
            }
            catch (NpgsqlException failure) when (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"PostgreSQL did not become ready: {await File.ReadAllTextAsync(LogPath)}", failure);
            }
            catch (NpgsqlException)
            {
                // The server is not ready.
            }
        }
    }

    internal static async Task Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        }) ?? throw new InvalidOperationException($"{command[0]} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} failed: {error}{await output}");
    }
}
