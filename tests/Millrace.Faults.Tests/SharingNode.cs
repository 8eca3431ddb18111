using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Millrace.Faults.Tests;

/// <summary>A node in a separate program that shares the work with other nodes on a PostgreSQL database.</summary>
internal sealed class SharingNode : IDisposable
{
    private readonly ConcurrentQueue<Acknowledgement> _acknowledged = [];
    private readonly ConcurrentQueue<string> _output = [];
    private readonly Process _process;

    private SharingNode(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Returns whether a name belongs to this node. The name of a node contains its process id.</summary>
    public bool Is(string? name) =>
        name is not null && int.Parse(name.Split('/')[^2], CultureInfo.InvariantCulture) == Id;

    /// <summary>Gets the acknowledged appends.</summary>
    public IReadOnlyCollection<Acknowledgement> Acknowledged => _acknowledged;

    /// <summary>Gets whether the node has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Gets the output of the node.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a node, and returns when it is running.</summary>
    public static async Task<SharingNode> Start(
        string address, int writers, int seed, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", Path.Combine(AppContext.BaseDirectory, "Millrace.Faults.Node.dll"), address,
                writers.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture),
            },
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The node did not start.");
        var node = new SharingNode(process);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data == "READY")
                ready.TrySetResult();
            else if (line.Data is not null && Acknowledgement.Read(line.Data) is { } acknowledgement)
                node._acknowledged.Enqueue(acknowledgement);
        };
        process.ErrorDataReceived += (_, line) => node._output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromMinutes(2));
        return node;
    }

    /// <summary>Kills the node, as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Freezes the node, which does not notice the pause.</summary>
    public Task Freeze() => Signal("-STOP");

    /// <summary>Resumes the node.</summary>
    public Task Thaw() => Signal("-CONT");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{Id}"]);
        await kill.WaitForExitAsync();
    }
}
