using System.Diagnostics;

namespace Millrace.Moves.Tests;

/// <summary>A separate process of <c>millrace move</c>, which a test can kill.</summary>
internal sealed class MoveProcess : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private MoveProcess(Process process) =>
        (_process, _output, _error) = (
            process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());

    public static MoveProcess Start(params string[] arguments)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var bin =
            output.Parent?.Parent ?? throw new InvalidOperationException("The tests must be built into artifacts/bin.");
        var tool = Path.Combine(bin.FullName, "Millrace.Cli", output.Name, "Millrace.Cli.dll");
        var start = new ProcessStartInfo("dotnet", [tool, "move", .. arguments, "--json"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new MoveProcess(Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start."));
    }

    /// <summary>Kills the process after a delay. Returns false if it had already ended.</summary>
    public async Task<bool> KillAfter(TimeSpan delay)
    {
        using var limit = new CancellationTokenSource(delay);
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_process.HasExited)
            return false;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(Timeout);
        return true;
    }

    /// <summary>Waits for the end of the process and returns its exit code and output.</summary>
    public async Task<(int Code, string Output)> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Timeout);
        return (_process.ExitCode, await _output + await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
