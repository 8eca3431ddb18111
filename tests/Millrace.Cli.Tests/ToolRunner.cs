using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Runner;

namespace Millrace.Cli.Tests;

/// <summary>
/// A process that runs the tool again and again: in a separate process a call takes ten times as long as what it is
/// called for, because its code is compiled each time. Calls at the same time have a runner each.
/// </summary>
internal sealed class ToolRunner
{
    /// <summary>A build that was loaded stays in memory, so that none serves for ever.</summary>
    private const int MaxCalls = 200;

    private static readonly ConcurrentStack<ToolRunner> Idle = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("millrace-runner-").FullName;
    private readonly Process _process;
    private int _calls;

    private ToolRunner()
    {
        // It ends when its input does, which is when these tests end, however they do.
        _process = Process.Start(new ProcessStartInfo("dotnet", [Tool.ProgramFile("Millrace.Cli.Runner"), _folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!; // Null only when a process is reused, which the shell alone does.
    }

    /// <summary>Runs the tool to its end.</summary>
    public static async Task<ToolRun> Run(RunnerCall call, byte[]? input, CancellationToken cancellationToken)
    {
        var runner = Idle.TryPop(out var idle) ? idle : new ToolRunner();
        var isKept = false;
        try
        {
            var (run, isAlive) = await runner.Answer(call, input ?? [], cancellationToken);
            isKept = isAlive && ++runner._calls < MaxCalls;
            if (isKept)
                Idle.Push(runner);
            return run;
        }
        finally
        {
            if (!isKept)
                runner.End();
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

    private void End()
    {
        _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
