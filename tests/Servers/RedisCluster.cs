using System.Diagnostics;
using System.Globalization;

namespace Servers;

/// <summary>
/// A Redis Cluster of this process with three masters and a replica of each. A replica takes over when its master does
/// not respond for two seconds.
/// </summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Masters = 3;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly List<RedisServer> _servers;

    private RedisCluster(List<RedisServer> servers) => _servers = servers;

    /// <summary>Gets the servers, of which the first three started as masters.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>Gets the address of the cluster in the form of the Millrace option.</summary>
    public string Address => $"redis://{string.Join(',', _servers.Select(server => $"127.0.0.1:{server.Port}"))}";

    /// <summary>Creates and starts a cluster.</summary>
    /// <param name="settings">Additional command-line settings of each server.</param>
    public static async Task<RedisCluster> Start(params string[] settings)
    {
        var servers = new List<RedisServer>();
        var cluster = new RedisCluster(servers);
        try
        {
            for (var i = 0; i < 2 * Masters; i++)
            {
                servers.Add(await RedisServer.Start(
                [
                    "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000",
                    "--repl-diskless-sync-delay", "0",
                    "--cluster-port", FreePorts.Take().ToString(CultureInfo.InvariantCulture), .. settings,
                ]));
            }
            await cluster.Create();
            await cluster.WaitUntilWhole();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the server that accepts writes to a key, or null while no server does.</summary>
    /// <param name="key">The key.</param>
    /// <param name="without">A stopped server that must not be asked.</param>
    public async Task<RedisServer?> MasterOf(string key, RedisServer? without = null)
    {
        var server = _servers.First(candidate => candidate != without);
        var slot = int.Parse((await server.Ask($"CLUSTER KEYSLOT {key}"))[1..], CultureInfo.InvariantCulture);
        foreach (var line in await server.AskAll("CLUSTER NODES"))
        {
            // ID HOST:PORT@BUS FLAGS MASTER PING PONG EPOCH STATE RANGE…
            var words = line.Split(' ');
            if (words.Length > 8 && words[2].Contains("master", StringComparison.Ordinal)
                && !words[2].Contains("fail", StringComparison.Ordinal) && words[8..].Any(range => IsIn(range, slot)))
            {
                return _servers.Single(candidate =>
                    words[1].StartsWith($"127.0.0.1:{candidate.Port}@", StringComparison.Ordinal));
            }
        }
        return null;
    }

    /// <summary>Returns a replica of a master.</summary>
    public async Task<RedisServer> ReplicaOf(RedisServer master)
    {
        var nodes = (await master.AskAll("CLUSTER NODES")).Select(line => line.Split(' ')).ToList();
        var id = nodes.Single(words => words[2].Contains("myself", StringComparison.Ordinal))[0];
        var replica = nodes.First(words => words[3] == id)[1];
        return _servers.Single(server => replica.StartsWith($"127.0.0.1:{server.Port}@", StringComparison.Ordinal));
    }

    /// <summary>Waits until all slots are served and each server has its role.</summary>
    public async Task WaitUntilWhole()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync())
        {
            var states = await Task.WhenAll(_servers.Select(server => server.AskAll("CLUSTER INFO")));
            var nodes = await Task.WhenAll(_servers.Select(server => server.AskAll("CLUSTER NODES")));
            var copies = await Task.WhenAll(_servers.Select(server => server.AskAll("INFO replication")));
            if (states.All(lines =>
                    lines.Contains("cluster_state:ok") && lines.Contains($"cluster_known_nodes:{_servers.Count}"))
                // A replica without a copy never takes over.
                && copies.Count(lines => lines.Contains("master_link_status:up")) == Masters
                && nodes.All(lines => lines.Count(line => line.Contains("slave", StringComparison.Ordinal)) == Masters)
                && nodes.All(lines => !lines.Any(line => line.Contains("fail", StringComparison.Ordinal)
                    || line.Contains("handshake", StringComparison.Ordinal))))
            {
                return;
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new InvalidOperationException("The cluster is not complete: " + string.Join('\n', nodes[0]));
        }
    }

    /// <summary>Stops the cluster and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private static bool IsIn(string range, int slot)
    {
        var ends = range.Split('-');
        return int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last) && first <= slot && slot <= last;
    }

    private async Task Create()
    {
        string[] command =
        [
            "--cluster",
            "create",
            .. _servers.Select(server => $"127.0.0.1:{server.Port}"),
            "--cluster-replicas",
            "1",
            "--cluster-yes",
        ];
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var creating = Process.Start(new ProcessStartInfo("redis-cli", command) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"This {RedisPrograms.Missing}.");
        var output = await creating.StandardOutput.ReadToEndAsync(limit.Token);
        await creating.WaitForExitAsync(limit.Token);
        if (creating.ExitCode != 0)
            throw new InvalidOperationException($"redis-cli did not create the cluster: {output}");
    }
}
