using System.Diagnostics;
using System.Text;

namespace Commerce.Nodes;

/// <summary>
/// A PostgreSQL server that the shop starts when PostgreSQL is installed and no database is given. Its data stays in a
/// directory. The server listens only on a Unix socket in that directory, or in a temporary directory when the path is
/// too long. The server stops with the shop, even after a crash: a shell stops it when the pipe from the shop is
/// closed. The shell and the server ignore Ctrl-C, so the server runs until the shop has stopped.
/// </summary>
internal sealed class PrivatePostgreSql : IAsyncDisposable
{
    private const string ServerUser = "postgres"; // PostgreSQL refuses to run as root.
    private const string Owner = "shop";
    private const string Script = """
        trap '' INT TERM HUP
        setsid "$1/postgres" -D "$2/data" -k "$3" -c listen_addresses= -c max_connections=200 >> "$2/log" 2>&1 &
        server=$!
        cat > /dev/null
        kill -INT $server 2> /dev/null
        wait $server
        [ "$3" = "$2" ] || rmdir "$3"
        """;

    // Prints the first of the given directories that the user cannot enter; prints nothing if the user can enter all.
    private const string FindClosedDirectory = """
        for directory; do
          [ -x "$directory" ] || { printf %s "$directory"; break; }
        done
        """;
    private const string SocketName = "/.s.PGSQL.5432";
    private const int MaxSocketPathBytes = 107; // sockaddr_un

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly string _socket;
    private readonly Process _shell;

    private PrivatePostgreSql(string directory, string socket, Process shell) =>
        (_directory, _socket, _shell) = (directory, socket, shell);

    /// <summary>The connection string of the server.</summary>
    public string ConnectionString => ConnectionTo("postgres");

    /// <summary>Starts the server on the data in a directory. The first start creates the data, which takes about a
    /// second.</summary>
    /// <exception cref="IOException">PostgreSQL is not installed, cannot reach the directory, or does not
    /// start.</exception>
    public static async Task<PrivatePostgreSql> Start(string directory)
    {
        var programs =
            FindPrograms()
            ?? throw new IOException(
                "--postgres without an address starts its own PostgreSQL, but none is installed. "
                    + "Install one (Debian: apt-get install postgresql-15), or name a database: --postgres "
                    + "postgres://user@host/database."
            );
        directory = Path.GetFullPath(directory);
        Directory.CreateDirectory(directory);
        await HandOver(directory);
        if (!File.Exists(Path.Combine(directory, "data", "PG_VERSION")))
            await Initialize(programs, directory);
        var socket = await SocketDirectory(directory);
        string[] command = [.. AsServerUser(), "sh", "-c", Script, "sh", programs, directory, socket];
        var shell =
            Process.Start(
                new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" }
            ) ?? throw new IOException("The shell that watches PostgreSQL did not start.");
        var server = new PrivatePostgreSql(directory, socket, shell);
        try
        {
            await server.WaitUntilReady(programs);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a database if it does not exist. Returns its connection string.</summary>
    /// <param name="name">The name of the database, in lower case letters.</param>
    /// <exception cref="IOException">The database cannot be created.</exception>
    public async Task<string> Database(string name)
    {
        var programs = FindPrograms() ?? throw new IOException("The programs of PostgreSQL are no longer installed.");
        string[] psql = [Path.Combine(programs, "psql"), "-h", _socket, "-U", Owner, "-d", "postgres", "-tAc"];
        if ((await Run([.. psql, $"SELECT 1 FROM pg_database WHERE datname = '{name}'"])).Trim().Length == 0)
            await Run([.. psql, $"CREATE DATABASE {name}"]);
        return ConnectionTo(name);
    }

    /// <summary>Stops the server, which first writes all committed data to disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var timeout = new CancellationTokenSource(WaitTimeout);
        await _shell.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shell.Dispose();
    }

    private string ConnectionTo(string database) => $"Host={_socket};Username={Owner};Database={database}";

    private static async Task Initialize(string programs, string directory) =>
        await Run([
            .. AsServerUser(),
            Path.Combine(programs, "initdb"),
            "-D",
            Path.Combine(directory, "data"),
            "-U",
            Owner,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]);

    /// <summary>Returns the directory of the socket. When the path of the given directory is too long, creates a
    /// temporary directory, which the shell deletes after the server has stopped.</summary>
    private static async Task<string> SocketDirectory(string directory)
    {
        if (IsShortEnough(directory))
            return directory;
        var temporary = Directory.CreateTempSubdirectory("shop-").FullName;
        if (!IsShortEnough(temporary))
        {
            Directory.Delete(temporary);
            throw new IOException(
                $"The paths {directory} and {Path.GetTempPath()} are too long for a socket. Set --data or TMPDIR to "
                    + "a shorter path."
            );
        }
        await HandOver(temporary);
        return temporary;
    }

    private static bool IsShortEnough(string directory) =>
        Encoding.UTF8.GetByteCount(directory + SocketName) <= MaxSocketPathBytes;

    /// <summary>Makes the user that runs the server the owner of a directory, when the shop runs as root.</summary>
    /// <exception cref="IOException">The user cannot enter the directory or one of its parents.</exception>
    private static async Task HandOver(string directory)
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        await Run(["chown", ServerUser, directory]);
        var parents = new List<string>();
        for (var parent = directory; parent is not null; parent = Path.GetDirectoryName(parent))
            parents.Insert(0, parent);
        if (await Run([.. AsServerUser(), "sh", "-c", FindClosedDirectory, "sh", .. parents]) is { Length: > 0 } closed)
        {
            throw new IOException(
                $"PostgreSQL refuses to run as root, so the shop starts it as user {ServerUser}. This user cannot "
                    + $"reach {directory}, because {closed} is closed to others. Set --data to a directory that "
                    + $"{ServerUser} can reach (--data /var/tmp/shop), start the shop as another user than root, or "
                    + "name a database: --postgres postgres://user@host/database."
            );
        }
    }

    private async Task WaitUntilReady(string programs)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await RunPgIsReady(programs) != 0)
        {
            if (_shell.HasExited || Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new IOException(
                    $"PostgreSQL does not start. Its messages are in {Path.Combine(_directory, "log")}.");
            await pause.WaitForNextTickAsync();
        }
    }

    private async Task<int> RunPgIsReady(string programs)
    {
        using var process =
            Process.Start(new ProcessStartInfo(Path.Combine(programs, "pg_isready"), ["-q", "-h", _socket]))
            ?? throw new IOException("pg_isready did not start.");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static string? FindPrograms()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .OrderDescending()
                .Select(version => Path.Combine(version, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return debian.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private static string[] AsServerUser() => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid", ServerUser, "--regid", ServerUser, "--clear-groups", "--"]
        : [];

    private static async Task<string> Run(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        }) ?? throw new IOException($"{command[0]} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new IOException($"{command[0]} failed: {error}{await output}".TrimEnd());
        return await output;
    }
}
