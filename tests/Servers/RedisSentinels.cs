using System.Diagnostics;
using System.Globalization;

namespace Servers;

/// <summary>A Redis server of this process with a replica and three Sentinels that watch them.</summary>
public sealed class RedisSentinels : IAsyncDisposable
{
    /// <summary>The name of the master in the Sentinels.</summary>
    public const string Service = "shop";

    private const int Count = 3;
    private const int Quorum = 2;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly List<RedisServer> _servers = [];
    private readonly List<RedisServer> _sentinels = [];
    private readonly string? _password;

    private RedisSentinels(string? password) => _password = password;

    /// <summary>Gets the server that started as master, and its replica.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>Gets the Sentinels.</summary>
    public IReadOnlyList<RedisServer> Sentinels => _sentinels;

    /// <summary>Gets the address of the Sentinels in the form of the Millrace option.</summary>
    public string Address => $"redis://{string.Join(',', _sentinels.Select(server => $"127.0.0.1:{server.Port}"))}";

    /// <summary>Creates and starts the servers and the Sentinels.</summary>
    /// <param name="sentinelPassword">The password of the Sentinel user <c>watcher</c>, or null for no user.</param>
    public static async Task<RedisSentinels> Start(string? sentinelPassword = null)
    {
        var all = new RedisSentinels(sentinelPassword);
        try
        {
            all._servers.Add(await RedisServer.Start("--repl-diskless-sync-delay", "0"));
            all._servers.Add(await RedisServer.Start(
                "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1", Text(all._servers[0].Port)));
            for (var i = 0; i < Count; i++)
                all._sentinels.Add(await RedisServer.StartSentinel(all.Settings()));
            await all.WaitUntilWhole();
            return all;
        }
        catch
        {
            await all.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the server that is the master according to the Sentinels.</summary>
    public async Task<RedisServer> Master()
    {
        var words = await Ask(_sentinels[0], $"SENTINEL get-master-addr-by-name {Service}");
        return _servers.Single(server => Text(server.Port) == words[1]); // The first word is the host.
    }

    /// <summary>
    /// Makes the Sentinels promote the replica to master. Repeats the command while they answer <c>NOGOODSLAVE</c>.
    /// </summary>
    public async Task FailOver()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await Ask(_sentinels[0], $"SENTINEL FAILOVER {Service}") is var answer && answer[0] != "OK")
        {
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new InvalidOperationException($"The Sentinels do not replace the master: {answer[0]}");
            await pause.WaitForNextTickAsync();
        }
    }

    /// <summary>Waits until each Sentinel knows the other Sentinels and a replica with a copy.</summary>
    public async Task WaitUntilWhole()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync())
        {
            var copies = await Task.WhenAll(_servers.Select(server => server.AskAll("INFO replication")));
            var known = await Task.WhenAll(_sentinels.Select(sentinel => Ask(sentinel, "INFO sentinel")));
            if (copies.Count(lines => lines.Contains("master_link_status:up")) == 1
                && known.All(lines =>
                    lines.Any(line =>
                        line.EndsWith($"slaves=1,sentinels={Count}", StringComparison.Ordinal)
                        && line.Contains("status=ok", StringComparison.Ordinal))))
            {
                return;
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout)
                throw new InvalidOperationException(
                    "The Sentinels did not find each other: " + string.Join('\n', known[0]));
        }
    }

    /// <summary>Stops the servers and the Sentinels, and removes their data.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _sentinels.Concat(_servers))
            await server.DisposeAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<string>> Ask(RedisServer sentinel, string command)
    {
        string[] user = _password is null ? [] : ["--user", "watcher", "--pass", _password, "--no-auth-warning"];
        using var limit = new CancellationTokenSource(WaitTimeout);
        string[] arguments = ["-p", Text(sentinel.Port), .. user, .. command.Split(' ')];
        using var asking = Process.Start(new ProcessStartInfo("redis-cli", arguments) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"This {RedisPrograms.Missing}.");
        var output = await asking.StandardOutput.ReadToEndAsync(limit.Token);
        await asking.WaitForExitAsync(limit.Token);
        return [.. output.Split('\n').Select(line => line.TrimEnd('\r'))];
    }

    private string[] Settings() =>
    [
        $"sentinel monitor {Service} 127.0.0.1 {_servers[0].Port} {Quorum}",
        $"sentinel down-after-milliseconds {Service} 1500",
        $"sentinel failover-timeout {Service} 10000",
        .. _password is null ? (string[])[] :
        [
            $"user watcher on >{_password} allchannels +@all",
            "user default off",
            "sentinel sentinel-user watcher",
            $"sentinel sentinel-pass {_password}",
        ],
    ];
}
