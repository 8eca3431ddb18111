using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace Servers;

/// <summary>
/// A PostgreSQL server of this process alone, on a free port, with its data in its own directory. It ends with the
/// process, however that ends.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    /// <summary>The owner of all objects.</summary>
    public const string Superuser = "owner";

    private const string Prefix = "millrace-postgresql-";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    // Made once, and copied for each server.
    private static readonly Lazy<Task<string>> Empty = new(() => Task.Run(MakeEmpty));
    private static int _databases;

    private readonly string _directory;
    private WatchedProgram _watch;
    private bool _hasStopped;

    private PostgreSqlServer(string directory, int port, WatchedProgram watch) =>
        (_directory, Port, _watch) = (directory, port, watch);

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What it told.</summary>
    public string LogPath => Path.Combine(_directory, "log");

    /// <summary>Makes and starts a server; about half a second, and for the first one a second more.</summary>
    /// <param name="isDurable">Whether commits reach the disk. Functional tests do not need it; benchmarks and tests of
    /// durability must.</param>
    /// <param name="settings">Further lines of its configuration.</param>
    public static async Task<PostgreSqlServer> Start(bool isDurable = false, params string[] settings)
    {
        var programs =
            PostgreSqlPrograms.Directory ?? throw new InvalidOperationException($"This {PostgreSqlPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        await Run([.. WatchedProgram.AsUser(), "cp", "-a", await Empty.Value, Path.Combine(directory, "data")]);
        var port = FreePorts.Take();
        await File.AppendAllLinesAsync(
            Path.Combine(directory, "data", "postgresql.conf"),
            [
                "listen_addresses = '127.0.0.1'",
                $"port = {port}",
                $"unix_socket_directories = '{directory}'",
                "max_connections = 300",
                .. isDurable ? Array.Empty<string>() : ["fsync = off", "full_page_writes = off"],
                .. settings,
            ]
        );
        var server = new PostgreSqlServer(directory, port, Watch(programs, directory));
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Makes and starts a standby of this server, which follows it and can be read.</summary>
    public async Task<PostgreSqlServer> StartStandby()
    {
        var programs = PostgreSqlPrograms.Directory!; // This server was started with them.
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

    /// <summary>Makes a standby the primary; returns when it takes writes.</summary>
    public Task Promote() =>
        Execute("DO $$ BEGIN IF NOT pg_promote() THEN RAISE 'It was not promoted in time.'; END IF; END $$");

    /// <summary>Has it show who it is by a certificate, and take nothing but TLS; returns the file that holds the
    /// certificate.</summary>
    public async Task<string> UseTls(X509Certificate2 certificate)
    {
        var (shown, key) = (Path.Combine(_directory, "server.crt"), Path.Combine(_directory, "server.key"));
        await File.WriteAllTextAsync(shown, certificate.ExportCertificatePem());
        // It was made with one.
        await File.WriteAllTextAsync(key, certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await Run("chmod", "600", key); // Else the server refuses it.
        await ServerDirectory.HandOver(_directory);
        var rules = string.Join(
            '\n', "local all all trust", "hostnossl all all all reject", "hostssl all all all trust");
        await File.WriteAllTextAsync(Path.Combine(_directory, "data", "pg_hba.conf"), rules + "\n");
        await Execute($"ALTER SYSTEM SET ssl_cert_file = '{shown}'");
        await Execute($"ALTER SYSTEM SET ssl_key_file = '{key}'");
        await Execute("ALTER SYSTEM SET ssl = on");
        await Execute("SELECT pg_reload_conf()");
        return shown;
    }

    /// <summary>Where to connect to a database of it, as its superuser.</summary>
    public string ConnectionString(string database = "postgres", string user = Superuser) =>
        $"Host=127.0.0.1;Port={Port};Database={database};Username={user}";

    /// <summary>Makes a database and returns its name.</summary>
    /// <param name="template">The database to copy; no client may be connected to it.</param>
    public async Task<string> CreateDatabase(string template = "template1")
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await Execute($"CREATE DATABASE {name} TEMPLATE {template}");
        return name;
    }

    /// <summary>Removes a database, a client that is connected to it.</summary>
    public Task DropDatabase(string name) => Execute($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <summary>Runs a statement as superuser.</summary>
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

    /// <summary>Runs a script, by psql and so statement by statement, and stops at the first that fails.</summary>
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
            file); // It was started with programs of that directory.
    }

    /// <summary>Stops it at once, as a crash would, and leaves its data.</summary>
    public async Task Crash()
    {
        if (!_hasStopped)
            await _watch.DisposeAsync();
        _hasStopped = true;
    }

    /// <summary>Starts it again after a crash.</summary>
    public async Task Restart()
    {
        // Programs are there: it was started before.
        _watch = Watch(PostgreSqlPrograms.Directory!, _directory);
        _hasStopped = false;
        await WaitUntilReady();
    }

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    /// <summary>The data of a server that has never run; it goes with the process.</summary>
    private static async Task<string> MakeEmpty()
    {
        var directory = await ServerDirectory.Create(Prefix);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => ServerDirectory.Remove(directory);
        await ServerDirectory.HandOver(directory);
        var data = Path.Combine(directory, "data");
        // Programs are there: they are asked for before.
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

    /// <summary>Returns when it takes connections.</summary>
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
                // Not yet.
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
