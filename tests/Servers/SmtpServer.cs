using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Servers;

/// <summary>
/// A mail server of this process alone, on a free port, which keeps what it is handed in a folder. It ends with the process, however that
/// ends.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    private const string Prefix = "millrace-smtp-";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private WatchedProgram _watch;

    private SmtpServer(string directory, int port)
    {
        (_directory, Port) = (directory, port);
        _watch = Watch();
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Makes and starts a server.</summary>
    public static async Task<SmtpServer> Start()
    {
        if (SmtpPrograms.Server is null)
            throw new InvalidOperationException($"This {SmtpPrograms.Missing}.");
        var directory = await ServerDirectory.Create(Prefix);
        await ServerDirectory.HandOver(directory);
        var server = new SmtpServer(directory, FreePorts.Take());
        await server.WaitUntilReady();
        return server;
    }

    /// <summary>Stops it, and leaves the mail.</summary>
    public async Task Stop() => await _watch.DisposeAsync();

    /// <summary>Starts it again after a stop.</summary>
    public async Task Restart()
    {
        _watch = Watch();
        await WaitUntilReady();
    }

    /// <summary>What it was handed, as it came.</summary>
    public IReadOnlyList<string> Mails()
    {
        var folder = Path.Combine(_directory, "mail", "new");
        return Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(File.ReadAllText)] : [];
    }

    /// <summary>Stops it and removes its mail.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stop();
        ServerDirectory.Remove(_directory);
    }

    private WatchedProgram Watch() => WatchedProgram.Start(
        Path.Combine(_directory, "log"), _directory,
        // What a shell has its children ignore, a program in Python ignores too.
        "env", "--default-signal=TERM,QUIT", SmtpPrograms.Server!, // It was there when the server was made.
        "-n", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}"), "-c", "aiosmtpd.handlers.Mailbox",
        Path.Combine(_directory, "mail"));

    private async Task WaitUntilReady()
    {
        var started = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pause.WaitForNextTickAsync())
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException failure)
            {
                if (Stopwatch.GetElapsedTime(started) > Patience || _watch.HasExited)
                {
                    throw new InvalidOperationException(
                        $"The mail server did not become ready: {await File.ReadAllTextAsync(Path.Combine(_directory, "log"))}", failure);
                }
            }
        }
    }
}
