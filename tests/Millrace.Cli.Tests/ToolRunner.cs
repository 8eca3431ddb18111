using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Runner;

namespace Millrace.Cli.Tests;

/// <summary>
/// Runs the tool many times in one process. A call in a new process takes ten times as long, because its code is
/// compiled each time. Concurrent calls use separate processes.
/// </summary>
internal sealed class ToolRunner
{
    /// <summary>
    /// The maximum number of calls of one process. Loaded builds remain in memory, so that a process is replaced after
    /// this number.
    /// </summary>
    private const int MaxCalls = 200;

    private static readonly ConcurrentStack<ToolRunner> Idle = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-runner-").FullName;
    private readonly Process _process;
    private int _calls;

    private ToolRunner()
    {
        // The runner exits when its input closes. This happens when the test process exits, even after a crash.
        _process = Process.Start(new ProcessStartInfo("dotnet", [Tool.ProgramFile("Millrace.Cli.Runner"), _folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!; // Start returns null only when the shell reuses a process.
    }

    /// <summary>Runs the tool until it exits.</summary>
    public static async Task<ToolRun> Run(RunnerCall call, byte[]? input, CancellationToken cancellationToken)
    {
        var runner = Idle.TryPop(out var idle) ? idle : new ToolRunner();
        var isReusable = false;
        try
        {
            var (run, isAlive) = await runner.Answer(call, input ?? [], cancellationToken);
            isReusable = isAlive && ++runner._calls < MaxCalls;
            if (isReusable)
                Idle.Push(runner);
            return run;
        }
        finally
        {
            if (!isReusable)
                runner.Stop();
        }
    }

    private async Task<(ToolRun Run, bool IsAlive)> Answer(
        RunnerCall call, byte[] input, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "in"), input, cancellationToken);
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(call).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        var answer = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        if (answer is null)
            await _process.WaitForExitAsync(cancellationToken);
        var code = answer is null ? _process.ExitCode : int.Parse(answer, CultureInfo.InvariantCulture);
        var output = await File.ReadAllBytesAsync(Path.Combine(_folder, "out"), cancellationToken);
        var error = await File.ReadAllTextAsync(Path.Combine(_folder, "err"), cancellationToken);
        return (new ToolRun(code, output, error), answer is not null);
    }

    private void Stop()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
