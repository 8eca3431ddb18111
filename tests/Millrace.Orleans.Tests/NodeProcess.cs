using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Millrace.Orleans.Tests;

/// <summary>A node in its own process.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = [];

    private NodeProcess(Process process) => _process = process;

    public static async Task<NodeProcess> Start(string address, string name, int port)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec",
                Path.Combine(AppContext.BaseDirectory, "Millrace.Orleans.Node.dll"),
                address,
                name,
                port.ToString(CultureInfo.InvariantCulture),
            },
        }) ?? throw new InvalidOperationException("The node did not start.");
        var node = new NodeProcess(process);
        process.ErrorDataReceived += (_, line) => node._errors.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        await node.Expect("READY");
        return node;
    }

    /// <summary>Lets the node deposit 1 several times, to accounts in turn, and returns when it is done.</summary>
    public async Task Deposit(string tenant, int count, int accounts)
    {
        await _process.StandardInput.WriteLineAsync(
            string.Create(CultureInfo.InvariantCulture, $"{tenant} {count} {accounts}"));
        await _process.StandardInput.FlushAsync();
        await Expect("DONE");
    }

    /// <summary>Kills the node, as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task Expect(string expected)
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout);
        if (line != expected)
            throw new InvalidOperationException($"The node wrote '{line}': {string.Join('\n', _errors)}");
    }
}
