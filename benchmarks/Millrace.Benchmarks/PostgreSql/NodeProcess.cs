using System.Diagnostics;
using System.Globalization;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>Another node in a separate process of this program. Both processes exchange lines of text.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    public const string Option = "--node";

    /// <summary>The name of the environment variable with the connection string.</summary>
    public const string AddressVariable = "MILLRACE_BENCH_DATABASE";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly TextWriter _input;

    private NodeProcess(Process process)
    {
        _process = process;
        _input = TextWriter.Synchronized(process.StandardInput);
    }

    /// <summary>Starts a node on a store.</summary>
    public static NodeProcess Start(BenchStore store, string work, params object[] arguments)
    {
        var host = Environment.ProcessPath ?? "dotnet";
        var start = new ProcessStartInfo(host) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Millrace.Benchmarks.dll"));
        foreach (var argument in (object[])
                [Option, work, store.Options.LogSchema, store.Options.DocumentSchema, .. arguments])
            start.ArgumentList.Add(Convert.ToString(argument, CultureInfo.InvariantCulture)!); // No argument is null.
        // The connection string may contain a password, and other users can read arguments.
        start.Environment[AddressVariable] = store.Options.ConnectionString;
        return new NodeProcess(Process.Start(start) ?? throw new InvalidOperationException("A node did not start."));
    }

    public async Task Send(string line)
    {
        await _input.WriteLineAsync(line);
        await _input.FlushAsync();
    }

    /// <summary>Returns the next line that the node writes.</summary>
    public async Task<string> Receive()
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        return await _process.StandardOutput.ReadLineAsync(limit.Token)
            ?? throw new InvalidOperationException("A node stopped before it answered.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}
