using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Commerce.Services.Brokers;

/// <summary>
/// A server that the shop starts on a port of this machine. The server stops with the shop, even after a crash, because
/// a shell waits for the end of a pipe from the shop. Ctrl-C does not reach the server, so it runs until the shop has
/// stopped.
/// </summary>
internal sealed class PrivateServer : IAsyncDisposable
{
    private const string Script = """
        trap '' INT TERM HUP
        log=$1
        last=$2
        shift 2
        (trap - INT TERM HUP; exec setsid "$@") >> "$log" 2>&1 < /dev/null &
        server=$!
        cat > /dev/null
        kill -TERM $server 2> /dev/null
        wait $server
        eval "$last" >> "$log" 2>&1
        """;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(120);

    private readonly Process _shell;

    private PrivateServer(Process shell) => _shell = shell;

    /// <summary>Starts a server and returns when its port answers.</summary>
    /// <param name="name">The display name.</param>
    /// <param name="directory">The directory of its data and of the file <c>log</c>.</param>
    /// <param name="port">The port on 127.0.0.1.</param>
    /// <param name="command">The program with its arguments.</param>
    /// <param name="last">The shell command to run after the server has stopped.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="IOException">The server does not start.</exception>
    public static async Task<PrivateServer> Start(
        string name,
        string directory,
        int port,
        string[] command,
        string last = ":",
        CancellationToken cancellationToken = default)
    {
        var log = Path.Combine(directory, "log");
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", log, last, .. command])
        {
            RedirectStandardInput = true,
            WorkingDirectory = directory,
        };
        var server = new PrivateServer(
            Process.Start(start) ?? throw new IOException($"The shell that watches {name} did not start."));
        try
        {
            await server.WaitUntilReady(name, port, log, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the directory of a server; creates it if needed.</summary>
    public static string DirectoryOf(string data, string name) =>
        Directory.CreateDirectory(Path.GetFullPath(Path.Combine(data, name))).FullName;

    /// <summary>Returns a free port.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Returns the path of a program, if it is installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Append("/usr/bin")
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        using var timeout = new CancellationTokenSource(WaitTimeout);
        await _shell.WaitForExitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _shell.Dispose();
    }

    private async Task WaitUntilReady(string name, int port, string log, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync(cancellationToken))
        {
            if (await Answers(port, cancellationToken))
                return;
            if (_shell.HasExited || Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new IOException($"{name} does not start. Its messages are in {log}.");
        }
    }

    private static async Task<bool> Answers(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
