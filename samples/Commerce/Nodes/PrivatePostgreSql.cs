using System.Diagnostics;

namespace Commerce.Nodes;

/// <summary>
/// A PostgreSQL server of the shop's own, for who has PostgreSQL installed and no database yet. Its data stays in a directory; it listens
/// on a socket there and on no port, and stops with the shop, however that ends: a shell beside it waits for the end of a pipe.
/// </summary>
internal sealed class PrivatePostgreSql : IAsyncDisposable
{
    private const string ServerUser = "postgres"; // PostgreSQL refuses to run as root.
    private const string Owner = "shop";
    private const string Script = """
        trap '' INT TERM HUP
        "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 >> "$2/log" 2>&1 &
        server=$!
        cat > /dev/null
        kill -INT $server 2> /dev/null
        wait $server
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory;
    private readonly Process _shell;

    private PrivatePostgreSql(string directory, Process shell) => (_directory, _shell) = (directory, shell);

    /// <summary>How to connect to it.</summary>
    public string ConnectionString => $"Host={_directory};Username={Owner};Database=postgres";

    /// <summary>Starts the server whose data a directory holds, and makes it at the first time: about a second.</summary>
    /// <exception cref="IOException">PostgreSQL is not installed, or does not start.</exception>
    public static async Task<PrivatePostgreSql> Start(string directory)
    {
        var programs = FindPrograms() ?? throw new IOException(
            "--postgres without an address starts a PostgreSQL of its own, and none is installed. "
            + "Install one (Debian: apt-get install postgresql-15), or name a database: --postgres postgres://user@host/database.");
        directory = Path.GetFullPath(directory);
        Directory.CreateDirectory(directory);
        if (!File.Exists(Path.Combine(directory, "data", "PG_VERSION")))
            await Initialize(programs, directory);
        string[] command = [.. AsServerUser(), "sh", "-c", Script, "sh", programs, directory];
        var shell = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" })
            ?? throw new IOException("The shell that watches PostgreSQL did not start.");
        var server = new PrivatePostgreSql(directory, shell);
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

    /// <summary>Stops it, with all that was committed on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await _shell.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shell.Dispose();
    }

    private static async Task Initialize(string programs, string directory)
    {
        if (Environment.IsPrivilegedProcess)
            await Run(["chown", ServerUser, directory]);
        await Run([.. AsServerUser(), Path.Combine(programs, "initdb"), "-D", Path.Combine(directory, "data"), "-U", Owner, "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8"]);
    }

    private async Task WaitUntilReady(string programs)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await Ask(programs) != 0)
        {
            if (_shell.HasExited || Stopwatch.GetElapsedTime(started) > Patience)
                throw new IOException($"PostgreSQL does not start. What it says is in {Path.Combine(_directory, "log")}.");
            await pause.WaitForNextTickAsync();
        }
    }

    private async Task<int> Ask(string programs)
    {
        using var ask = Process.Start(new ProcessStartInfo(Path.Combine(programs, "pg_isready"), ["-q", "-h", _directory]))
            ?? throw new IOException("pg_isready did not start.");
        await ask.WaitForExitAsync();
        return ask.ExitCode;
    }

    private static string? FindPrograms()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return debian.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private static string[] AsServerUser() => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid", ServerUser, "--regid", ServerUser, "--clear-groups", "--"]
        : [];

    private static async Task Run(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        }) ?? throw new IOException($"{command[0]} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new IOException($"{command[0]} failed: {error}{await output}".TrimEnd());
    }
}
