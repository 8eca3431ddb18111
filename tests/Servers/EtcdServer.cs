using System.Diagnostics;

namespace Servers;

/// <summary>An etcd of this process alone, on free ports, with its data in a directory of its own. It ends with the process, however that
/// ends.</summary>
public sealed class EtcdServer : IAsyncDisposable
{
    private const string Prefix = "millrace-etcd-";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private readonly string _peer;
    private WatchedProgram _watch;

    private EtcdServer(string directory, int port, int peerPort)
    {
        (_directory, Address, _peer) = (directory, $"http://127.0.0.1:{port}", $"http://127.0.0.1:{peerPort}");
        _watch = Watch();
    }

    /// <summary>Where it takes clients.</summary>
    public string Address { get; }

    /// <summary>Makes and starts a server; about a second.</summary>
    public static async Task<EtcdServer> Start()
    {
        if (EtcdPrograms.Server is null)
            throw new InvalidOperationException($"This {EtcdPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        var server = new EtcdServer(directory, FreePorts.Take(), FreePorts.Take());
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Stops it at once, and leaves its data.</summary>
    public async Task Crash() => await _watch.DisposeAsync();

    /// <summary>Starts it again after a crash, with what it had.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>Stops it and removes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await Crash();
        ServerDirectory.Remove(_directory);
    }

    private WatchedProgram Watch() => WatchedProgram.Start(
        Path.Combine(_directory, "log"), _directory,
        [
            EtcdPrograms.Server!, // It was there when the server was made.
            "--data-dir", Path.Combine(_directory, "data"), "--listen-client-urls", Address, "--advertise-client-urls", Address,
            "--listen-peer-urls", _peer, "--initial-advertise-peer-urls", _peer, "--initial-cluster", $"default={_peer}",
        ]);

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var http = new HttpClient();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                if ((await http.GetAsync($"{Address}/health")).IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
            if (Stopwatch.GetElapsedTime(started) > Patience || _watch.HasExited)
            {
                throw new InvalidOperationException(
                    $"etcd did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}");
            }
        }
    }
}
