using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Servers;

/// <summary>
/// A Redis server of this process on a free port, with a separate data directory. Acknowledged writes are on the disk.
/// The server stops with the process, even after a crash.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Prefix = "millrace-redis-";
    private const string Configuration = "sentinel.conf";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private readonly string[]? _settings; // Null for a Sentinel.
    private WatchedProgram _watch;

    private RedisServer(string directory, int port, string[]? settings)
    {
        (_directory, Port, _settings) = (directory, port, settings);
        _watch = Watch();
    }

    /// <summary>Gets the directory with all files of the server.</summary>
    public string DataDirectory => _directory;

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Gets the address of the server in the form of the Millrace option.</summary>
    public string Address => $"redis://127.0.0.1:{Port}";

    /// <summary>Creates and starts a server.</summary>
    /// <param name="settings">Additional command-line settings.</param>
    public static async Task<RedisServer> Start(params string[] settings)
    {
        if (RedisPrograms.Server is null)
            throw new InvalidOperationException($"This {RedisPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        var server = new RedisServer(directory, FreePorts.Take(), settings);
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Creates and starts a Sentinel.</summary>
    /// <param name="configuration">The lines of the configuration file.</param>
    public static async Task<RedisServer> StartSentinel(params string[] configuration)
    {
        if (RedisPrograms.Server is null)
            throw new InvalidOperationException($"This {RedisPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await File.WriteAllLinesAsync(Path.Combine(directory, Configuration), configuration);
        await ServerDirectory.HandOver(directory);
        var sentinel = new RedisServer(directory, FreePorts.Take(), null);
        await sentinel.WaitUntilReady();
        return sentinel;
    }

    /// <summary>Kills the server and keeps its data.</summary>
    public async Task Crash()
    {
        Kill();
        await _watch.DisposeAsync();
    }

    /// <summary>Restarts the server after a crash.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Suspends the process, which keeps its connections open and does not answer.</summary>
    public Task Suspend() => Signal("-STOP");

    /// <summary>Resumes the process after <see cref="Suspend"/>.</summary>
    public Task Resume() => Signal("-CONT");

    /// <summary>Sends a command in the inline form and returns the first line of the answer.</summary>
    public async Task<string> Ask(string command)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), limit.Token);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(limit.Token) ?? "";
    }

    /// <summary>Sends a command in the inline form and returns the lines of its text answer.</summary>
    public async Task<IReadOnlyList<string>> AskAll(string command)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\nQUIT\r\n"), limit.Token);
        using var reader = new StreamReader(client.GetStream());
        var lines = (await reader.ReadToEndAsync(limit.Token)).Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        // Without the length line and the answer to QUIT.
        return [.. lines[1..^2].Where(line => line.Length > 0)];
    }

    /// <summary>Closes the connections of all other clients.</summary>
    public Task CutConnections() => Ask("CLIENT KILL TYPE normal SKIPME yes");

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    /// <summary>
    /// Kills the process immediately, so that it writes nothing more. The process is found by its title, because the
    /// title hides its name. A signal to terminate would not be enough, because the server may ignore it while it
    /// rewrites its file.
    /// </summary>
    private void Kill()
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (IsOurs(process.Id))
                    process.Kill();
            }
        }
    }

    private async Task Signal(string signal)
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (!IsOurs(process.Id))
                    continue;
                using var limit = new CancellationTokenSource(WaitTimeout);
                using var sending = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
                await sending.WaitForExitAsync(limit.Token);
            }
        }
    }

    private WatchedProgram Watch() =>
        WatchedProgram.Start(
            Path.Combine(_directory, "log"),
            _directory,
            [
                RedisPrograms.Server!, // Not null, because a server was created.
                .. _settings is null ? (string[])[Path.Combine(_directory, Configuration), "--sentinel"] : [],
                "--port",
                Port.ToString(CultureInfo.InvariantCulture),
                "--bind",
                "127.0.0.1",
                "--dir",
                _directory,
                .. _settings is null
                    ? []
                    : (string[])["--save", "", "--appendonly", "yes", "--appendfsync", "always", .. _settings],
            ]
        );

    /// <summary>Returns whether a process is this server, whose title contains its port.</summary>
    private bool IsOurs(int process)
    {
        try
        {
            var title = File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0', ' ');
            var expectedTitle = $"{RedisPrograms.Server} 127.0.0.1:{Port}";
            // The title of a cluster node ends with [cluster].
            return title == expectedTitle || title.StartsWith(expectedTitle + " [", StringComparison.Ordinal);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false; // The process has just ended or belongs to another user.
        }
    }

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                // The answer is LOADING until the server is ready.
                if (await Ask("PING") is ['+', 'P', ..] or ['-', 'N', 'O', 'A', 'U', 'T', 'H', ..])
                    return;
            }
            catch (Exception failure) when (failure is SocketException or IOException)
            {
                // The server is not ready.
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"Redis did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}");
            }
        }
    }
}
