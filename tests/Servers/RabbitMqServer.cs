using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Servers;

/// <summary>
/// A RabbitMQ of this process alone, on free ports, with its data in its own directory. It ends with the process,
/// however that ends.
/// </summary>
public sealed class RabbitMqServer : IAsyncDisposable
{
    private const string Prefix = "millrace-rabbitmq-";
    // It takes 5 to 13 seconds on a machine with nothing to do.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(120);
    private static readonly Lazy<Task<RabbitMqServer>> One = new(() => Start());

    private readonly string _directory;
    private readonly int _distributionPort;
    private WatchedProgram _watch;

    private RabbitMqServer(string directory, int port, int distributionPort)
    {
        (_directory, Port, _distributionPort) = (directory, port, distributionPort);
        _watch = Watch();
    }

    /// <summary>One for all tests of this process that neither stop it nor count what it has.</summary>
    public static Task<RabbitMqServer> Shared => One.Value;

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where to connect to.</summary>
    public string Uri => $"amqp://127.0.0.1:{Port}";

    /// <summary>Makes and starts a server; about ten seconds.</summary>
    public static async Task<RabbitMqServer> Start()
    {
        if (!RabbitMqPrograms.AreThere)
            throw new InvalidOperationException($"This {RabbitMqPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await File.WriteAllTextAsync(Path.Combine(directory, "plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(directory, "none"), "");
        await File.WriteAllTextAsync(
            Path.Combine(directory, "rabbit.conf"), "log.console = false\nraft.wal_max_size_bytes = 16777216\n");
        await ServerDirectory.HandOver(directory);
        var server = new RabbitMqServer(directory, FreePorts.Take(), FreePorts.Take());
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>
    /// Waits until the broker's disk contains all declared quorum queues; half a second. One that is not told
    /// of yet when the broker is killed has no leader afterwards and never answers: RabbitMQ's own, see ADR 0238.
    /// </summary>
    public async Task NoteQueues()
    {
        var queues = Path.Combine(_directory, "db", $"r{Port}@localhost", "quorum", $"r{Port}@localhost");
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (Directory.Exists(queues) && !await AreNoted(queues))
        {
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new InvalidOperationException($"RabbitMQ did not note its queues within {WaitTimeout}.");
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Stops it at once, as a crash would, and leaves its data.</summary>
    public async Task Crash() => await _watch.DisposeAsync();

    /// <summary>Starts it again after a crash, with what it had.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Has <c>rabbitmqctl</c> do something; some seconds.</summary>
    public Task Control(params string[] arguments) => PostgreSqlServer.Run(
        [
            .. WatchedProgram.AsUser(), "env", $"HOME={_directory}", $"RABBITMQ_NODENAME=r{Port}@localhost",
            $"RABBITMQ_CONF_ENV_FILE={Path.Combine(_directory, "none")}", RabbitMqPrograms.Control, .. arguments,
        ]);

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    /// <summary>Each queue has a directory; the name of that is in one file with those of all others.</summary>
    private static async Task<bool> AreNoted(string queues)
    {
        var names = Path.Combine(queues, "names.dets");
        var noted = File.Exists(names) ? Encoding.Latin1.GetString(await File.ReadAllBytesAsync(names)) : "";
        return Directory
            .GetDirectories(queues)
            .All(queue => noted.Contains(Path.GetFileName(queue), StringComparison.Ordinal));
    }

    // Without a shell around it, so that a signal reaches the broker: that is what it is like under systemd.
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
                // Not yet.
            }
        }
    }
}
