using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Servers;

/// <summary>
/// An etcd server of this process on free ports, with a separate data directory. The server stops with the process,
/// even after a crash.
/// </summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private const string Prefix = "millrace-etcd-";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private readonly string _health;
    private readonly string[] _arguments;
    private WatchedProgram _watch;

    private EtcdServer(string directory, string scheme, string name, string peer, string cluster, string[] added)
    {
        (_directory, Address) = (directory, $"{scheme}://127.0.0.1:{FreePorts.Take()}");
        _health = $"http://127.0.0.1:{FreePorts.Take()}";
        _arguments =
        [
            EtcdPrograms.Server!, // Not null, because a server was created.
            "--name", name, "--data-dir", Path.Combine(_directory, "data"), "--listen-client-urls", Address,
            "--advertise-client-urls", Address, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", cluster, "--listen-metrics-urls", _health, .. added,
        ];
        _watch = Watch();
    }

    /// <summary>Gets the address for clients.</summary>
    public string Address { get; }

    /// <summary>Creates and starts a server, which takes about a second.</summary>
    public static Task<EtcdServer> Start() => Start("http");

    /// <summary>Creates and starts a server with a scheme and further arguments.</summary>
    public static async Task<EtcdServer> Start(string scheme, params string[] added)
    {
        var peer = $"http://127.0.0.1:{FreePorts.Take()}";
        var server = await Launch(scheme, "default", peer, $"default={peer}", added);
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Creates and starts a cluster.</summary>
    public static async Task<IReadOnlyList<EtcdServer>> StartCluster(int members)
    {
        var peers = Enumerable.Range(1, members)
            .Select(n => (Name: $"m{n}", Url: $"http://127.0.0.1:{FreePorts.Take()}")).ToList();
        var cluster = string.Join(',', peers.Select(peer => $"{peer.Name}={peer.Url}"));
        var servers = new List<EtcdServer>();
        foreach (var (name, url) in peers)
            servers.Add(await Launch("http", name, url, cluster, []));
        foreach (var server in servers)
            await server.WaitUntilReady();
        return servers;
    }

    /// <summary>Returns whether this member leads its cluster.</summary>
    public async Task<bool> IsLeader()
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync(new Uri($"{Address}/v3/maintenance/status"), new { });
        var status = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return status.GetProperty("leader").GetString()
            == status.GetProperty("header").GetProperty("member_id").GetString();
    }

    /// <summary>Stops the server immediately and keeps its data.</summary>
    public async Task Crash() => await _watch.DisposeAsync();

    /// <summary>Kills the server with SIGKILL and keeps its data.</summary>
    public async Task Kill()
    {
        var killed = 0;
        foreach (var process in Process.GetProcessesByName("etcd"))
        {
            using (process)
            {
                var command = await File.ReadAllTextAsync(
                    string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/cmdline"));
                if (!command.Contains(_directory, StringComparison.Ordinal))
                    continue;
                process.Kill();
                killed++;
            }
        }
        if (killed != 1)
            throw new InvalidOperationException($"{killed} etcd processes use the data in {_directory}.");
        await Crash();
    }

    /// <summary>Restarts the server with its data after a crash.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Stops the server and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    private static async Task<EtcdServer> Launch(
        string scheme, string name, string peer, string cluster, string[] added)
    {
        if (EtcdPrograms.Server is null)
            throw new InvalidOperationException($"This {EtcdPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        return new EtcdServer(directory, scheme, name, peer, cluster, added);
    }

    private WatchedProgram Watch() => WatchedProgram.Start(Path.Combine(_directory, "log"), _directory, _arguments);

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var http = new HttpClient();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                if ((await http.GetAsync($"{_health}/health")).IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // The server is not ready.
            }
            if (Stopwatch.GetElapsedTime(started) > WaitTimeout || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"etcd did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}");
            }
        }
    }
}
