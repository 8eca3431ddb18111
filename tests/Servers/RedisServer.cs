using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Servers;

/// <summary>
/// A Redis server of this process alone, on a free port, with its data in its own directory. What it has answered
/// is on the disk. It ends with the process, however that ends.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private const string Prefix = "millrace-redis-";
    private const string Configuration = "sentinel.conf";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private readonly string[]? _settings; // Null of a Sentinel.
    private WatchedProgram _watch;

    private RedisServer(string directory, int port, string[]? settings)
    {
        (_directory, Port, _settings) = (directory, port, settings);
        _watch = Watch();
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where it is, as Millrace takes it.</summary>
    public string Address => $"redis://127.0.0.1:{Port}";

    /// <summary>Makes and starts a server.</summary>
    /// <param name="settings">Further settings, as its command line takes them.</param>
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

    /// <summary>Makes and starts a Sentinel.</summary>
    /// <param name="configuration">The lines of its configuration file.</param>
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

    /// <summary>Kills it, and leaves its data.</summary>
    public async Task Crash()
    {
        Kill();
        await _watch.DisposeAsync();
    }

    /// <summary>Starts it again after a crash.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Stops its process, which keeps its connections open and answers nothing.</summary>
    public Task Suspend() => Signal("-STOP");

    /// <summary>Continues its process after <see cref="Suspend"/>.</summary>
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

    /// <summary>Sends a command in the inline form whose answer is one text, and returns the lines of that.</summary>
    public async Task<IReadOnlyList<string>> AskAll(string command)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command + "\r\nQUIT\r\n"), limit.Token);
        using var reader = new StreamReader(client.GetStream());
        var lines = (await reader.ReadToEndAsync(limit.Token)).Split('\n').Select(line => line.TrimEnd('\r')).ToList();
        // Without its length and the answer to what ends the connection.
        return [.. lines[1..^2].Where(line => line.Length > 0)];
    }

    /// <summary>Breaks the connections of all other clients.</summary>
    public Task CutConnections() => Ask("CLIENT KILL TYPE normal SKIPME yes");

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    /// <summary>
    /// As the kernel does when memory is short: nothing is written any more. It is found by its title, and not by its
    /// name, which the title hides: one that is not found is only asked to end, and may not do so in the midst of
    /// writing its file again.
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
                RedisPrograms.Server!, // It was there when the server was made.
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

    /// <summary>Whether a process is this server: it says its port in its title.</summary>
    private bool IsOurs(int process)
    {
        try
        {
            var title = File.ReadAllText($"/proc/{process}/cmdline").TrimEnd('\0', ' ');
            var own = $"{RedisPrograms.Server} 127.0.0.1:{Port}";
            // What it is more than a server: [cluster].
            return title == own || title.StartsWith(own + " [", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false; // It has just ended, or is another program's.
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
                // Not yet while it says LOADING.
                if (await Ask("PING") is ['+', 'P', ..] or ['-', 'N', 'O', 'A', 'U', 'T', 'H', ..])
                    return;
            }
            catch (Exception failure) when (failure is SocketException or IOException)
            {
                // Not yet.
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"Redis did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}");
            }
        }
    }
}
