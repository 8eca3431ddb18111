using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Servers;

/// <summary>
/// A RabbitMQ server of this process on free ports, with a separate data directory. The server stops with the
/// process, even after a crash.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Prefix = "millrace-rabbitmq-";
    private const int VirtualHosts = 12;

    // The start takes 5 to 13 seconds on an idle machine.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(8);
    private static readonly Lazy<Task<RabbitMqServer>> SharedServer = new(() => Start());

    private readonly string _directory;
    private readonly int _distributionPort;
    private WatchedProgram _watch;
    private int _usedVirtualHosts;

    private RabbitMqServer(string directory, int port, int distributionPort)
    {
        (_directory, Port, _distributionPort) = (directory, port, distributionPort);
        _watch = Watch();
    }

    /// <summary>Gets the server for all tests that neither stop it nor count its messages.</summary>
    public static Task<RabbitMqServer> Shared => SharedServer.Value;

    /// <summary>Gets the directory with all files of the server.</summary>
    public string DataDirectory => _directory;

    /// <summary>Gets the port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Gets the address for clients.</summary>
    public string Uri => $"amqp://127.0.0.1:{Port}";

    /// <summary>Creates and starts a server, which takes about ten seconds.</summary>
    public static async Task<RabbitMqServer> Start()
    {
        if (!RabbitMqPrograms.AreInstalled)
            throw new InvalidOperationException($"This {RabbitMqPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await File.WriteAllTextAsync(Path.Combine(directory, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "none"), "");
        await File.WriteAllTextAsync(
            Path.Combine(directory, "rabbit.conf"),
            "log.console = false\nraft.wal_max_size_bytes = 16777216\n"
                + $"load_definitions = {Path.Combine(directory, "definitions.json")}\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "definitions.json"), Definitions());
        await ServerDirectory.HandOver(directory);
        var server = new RabbitMqServer(directory, FreePorts.Take(), FreePorts.Take());
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>
    /// Waits until the broker has written all declared quorum queues to disk, which takes half a second. If the broker
    /// is killed before, a queue has no leader after the restart and never answers. ADR 0238 describes this behavior.
    /// </summary>
    public async Task WaitUntilQueuesAreStored()
    {
        var queues = Path.Combine(_directory, "db", $"r{Port}@localhost", "quorum", $"r{Port}@localhost");
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Directory.Exists(queues) && !await AreStored(queues))
        {
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new InvalidOperationException($"RabbitMQ did not write its queues to disk within {WaitTimeout}.");
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Stops the server immediately, like a crash, and keeps its data.</summary>
    public async Task Crash() => await _watch.DisposeAsync();

    /// <summary>Restarts the server with its data after a crash.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Runs <c>rabbitmqctl</c>, which takes some seconds.</summary>
    public Task Control(params string[] arguments) => PostgreSqlServer.Run(
        [
            .. WatchedProgram.AsUser(), "env", $"HOME={_directory}", $"RABBITMQ_NODENAME=r{Port}@localhost",
            $"RABBITMQ_CONF_ENV_FILE={Path.Combine(_directory, "none")}", RabbitMqPrograms.Control, .. arguments,
        ]);

    /// <summary>
    /// Returns the address of an empty virtual host, so that tests share the server and not its queues.
    /// </summary>
    public string TakeVirtualHost()
    {
        var number = Interlocked.Increment(ref _usedVirtualHosts);
        return number <= VirtualHosts
            ? $"{Uri}/{NameOf(number)}"
            : throw new InvalidOperationException(
                $"The server has {VirtualHosts} virtual hosts. Increase {nameof(VirtualHosts)}.");
    }

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    private static string NameOf(int virtualHost) => $"test-{virtualHost}";

    private static string Definitions()
    {
        string[] hosts = ["/", .. Enumerable.Range(1, VirtualHosts).Select(NameOf)];
        return JsonSerializer.Serialize(new
        {
            users = (object[])[new { name = "guest", password = "guest", tags = "administrator" }],
            vhosts = hosts.Select(name => new { name }),
            permissions = hosts.Select(vhost =>
                new { user = "guest", vhost, configure = ".*", write = ".*", read = ".*" }),
        });
    }

    /// <summary>Returns whether the file with the names of all queue directories contains each directory.</summary>
    private static async Task<bool> AreStored(string queues)
    {
        var names = Path.Combine(queues, "names.dets");
        var noted = File.Exists(names) ? Encoding.Latin1.GetString(await File.ReadAllBytesAsync(names)) : "";
        return Directory
            .GetDirectories(queues)
            .All(queue => noted.Contains(Path.GetFileName(queue), StringComparison.Ordinal));
    }

    // Without a shell, so that signals reach the broker, as under systemd.
    private WatchedProgram Watch() =>
        WatchedProgram.Start(
            Path.Combine(_directory, "log"),
            _directory,
            "env",
            $"HOME={_directory}",
            $"RABBITMQ_NODENAME=r{Port}@localhost",
            $"RABBITMQ_NODE_PORT={Port}",
            "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
            $"RABBITMQ_DIST_PORT={_distributionPort}",
            "RUNNING_UNDER_SYSTEMD=1",
            $"RABBITMQ_MNESIA_BASE={Path.Combine(_directory, "db")}",
            $"RABBITMQ_LOG_BASE={Path.Combine(_directory, "logs")}",
            $"RABBITMQ_PID_FILE={Path.Combine(_directory, "pid")}",
            $"RABBITMQ_ENABLED_PLUGINS_FILE={Path.Combine(_directory, "plugins")}",
            $"RABBITMQ_CONFIG_FILE={Path.Combine(_directory, "rabbit")}",
            $"RABBITMQ_CONF_ENV_FILE={Path.Combine(_directory, "none")}",
            "ERL_EPMD_ADDRESS=127.0.0.1",
            RabbitMqPrograms.Server);

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", Port);
                return;
            }
            catch (SocketException failure) when (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"RabbitMQ did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}",
                    failure);
            }
            catch (SocketException)
            {
                // The server is not ready.
            }
        }
    }
}
