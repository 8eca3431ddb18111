using System.Diagnostics;
using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>
/// A node on PostgreSQL in a separate program with a fixed port. A test can kill and restart the node.
/// </summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private const string DrainDelay = "00:00:05";
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);

    private readonly string _connection;
    private readonly int _port = FreePorts.Take();
    private Process? _process;

    /// <summary>Creates a node that is not running yet.</summary>
    /// <param name="connection">The connection string of the database.</param>
    /// <param name="log">The file for the output of the node.</param>
    public ClusterNode(string connection, string log)
    {
        (_connection, LogPath) = (connection, log);
        Address = new Uri($"http://127.0.0.1:{_port}");
    }

    /// <summary>Gets the address of the node.</summary>
    public Uri Address { get; }

    /// <summary>Gets the path of the file with the output of the node.</summary>
    public string LogPath { get; }

    /// <summary>Starts the node, and returns when the node answers requests.</summary>
    /// <param name="wrongAnswerInterval">
    /// The interval at which the node acknowledges an append without writing it, or 0 for never.
    /// </param>
    public async Task Start(int wrongAnswerInterval = 0)
    {
        const string Script = "log=$1; shift; exec dotnet exec \"$@\" >> \"$log\" 2>&1";
        var program = Path.Combine(AppContext.BaseDirectory, "Millrace.Faults.Server.dll");
        var port = _port.ToString(CultureInfo.InvariantCulture);
        var interval = wrongAnswerInterval.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("sh", ["-c", Script, "sh", LogPath, program, _connection, port, interval])
        {
            RedirectStandardInput = true,
            Environment = { ["Millrace__Drain__Delay"] = DrainDelay },
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

    /// <summary>Kills the node without warning.</summary>
    public async Task Kill()
    {
        if (_process is not { } process)
            return;
        _process = null;
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Gets the id of the running program.</summary>
    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The node is not running.");

    /// <summary>Stops the node with SIGTERM, and returns its exit code.</summary>
    public async Task<int> Terminate()
    {
        var process = _process ?? throw new InvalidOperationException("The node is not running.");
        using var signal = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync().WaitAsync(StopLimit);
        _process = null;
        var exitCode = process.ExitCode;
        process.Dispose();
        return exitCode;
    }

    public async ValueTask DisposeAsync() => await Kill();
}
