using System.Diagnostics;
using System.Globalization;
using Millrace.Benchmarks.PostgreSql;
using Servers;

namespace Millrace.Benchmarks.Http;

/// <summary>One of the compared applications, in a separate process.</summary>
internal sealed class HttpApplication : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private HttpApplication(Process process, Uri address, TimeSpan toFirstAnswer) =>
        (_process, Address, ToFirstAnswer) = (process, address, toFirstAnswer);

    /// <summary>Gets the path of the program that contains the applications.</summary>
    public static string Program { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Millrace.Benchmarks.Http", "release", "Millrace.Benchmarks.Http.dll"));

    /// <summary>Gets the address of the application.</summary>
    public Uri Address { get; }

    /// <summary>Gets the time from the start of the process to its first response.</summary>
    public TimeSpan ToFirstAnswer { get; }

    /// <summary>Gets the processor time that the process has used.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Gets the resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts an application and waits for its first response.</summary>
    /// <param name="name">The name in Millrace.Benchmarks.Http.</param>
    /// <param name="database">The connection string of the database, or the path of the SQLite file.</param>
    public static async Task<HttpApplication> Start(string name, string database)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Take()}"));
        var start = new ProcessStartInfo("dotnet", [Program, name, address.ToString().TrimEnd('/')]);
        // The connection string may contain a password, and other users can read arguments.
        start.Environment[NodeProcess.AddressVariable] = database;
        var started = Stopwatch.GetTimestamp();
        var process =
            Process.Start(start) ?? throw new InvalidOperationException($"The application '{name}' did not start.");
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri(address, "ready"));
                return new HttpApplication(process, address, Stopwatch.GetElapsedTime(started));
            }
            catch (HttpRequestException) when (!process.HasExited && Stopwatch.GetElapsedTime(started) < StartTimeout)
            {
                await Task.Delay(5);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(StopTimeout);
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
