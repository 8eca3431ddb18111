using System.Diagnostics;
using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>A node on PostgreSQL in a separate program with a fixed port, which can be killed and restarted.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);

    private readonly string _connection;
    private readonly int _port = FreePorts.Take();
    private Process? _process;

    /// <summary>A node that is not running yet.</summary>
    /// <param name="connection">Its database.</param>
    /// <param name="log">The file that it logs to.</param>
    public ClusterNode(string connection, string log)
    {
        (_connection, LogPath) = (connection, log);
        Address = new Uri($"http://127.0.0.1:{_port}");
    }

    /// <summary>Its address.</summary>
    public Uri Address { get; }

    /// <summary>Its output.</summary>
    public string LogPath { get; }

    /// <summary>Starts it, and returns when it answers.</summary>
    /// <param name="lies">The interval of appends that it acknowledges without writing them; 0 for none.</param>
    public async Task Start(int lies = 0)
    {
        const string Script = "log=$1; shift; exec dotnet exec \"$@\" >> \"$log\" 2>&1";
        var program = Path.Combine(AppContext.BaseDirectory, "Millrace.Faults.Server.dll");
        var (port, every) = (_port.ToString(CultureInfo.InvariantCulture), lies.ToString(CultureInfo.InvariantCulture));
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", LogPath, program, _connection, port, every])
        {
            RedirectStandardInput = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var started = Stopwatch.GetTimestamp(); await pause.WaitForNextTickAsync();)
        {
            try
            {
                await http.GetStringAsync(new Uri(Address, "/ready"));
                return;
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                {
                    throw new InvalidOperationException(
                        $"The node did not begin to answer: {await File.ReadAllTextAsync(LogPath)}", failure);
                }
            }
        }
    }

    /// <summary>Kills it without warning.</summary>
    public async Task Kill()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync() => await Kill();
}
