using System.Diagnostics;
using System.Text;

namespace Packages.Tests;

/// <summary>Runs commands like a reader of the documentation, with a separate packages folder.</summary>
internal sealed class Shell(string folder, IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(15);

    private readonly List<Process> _started = [];

    /// <summary>Gets the folder of the next command. The command <c>cd</c> changes it.</summary>
    public string Folder { get; private set; } = folder;

    /// <summary>Runs commands and returns their standard output.</summary>
    public async Task<string> Run(string commands)
    {
        var output = new StringBuilder();
        var errors = new StringBuilder();
        using var process = Create($"set -euo pipefail\n{commands}\npwd > \"$WHERE\"");
        process.OutputDataReceived += (_, line) => Add(output, line.Data);
        process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
        Begin(process);

        using var limit = new CancellationTokenSource(Timeout);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"These commands did not end within {Timeout}:\n{commands}\n{output}\n{errors}");
        }

        Assert.True(
            process.ExitCode == 0, $"These commands ended with {process.ExitCode}:\n{commands}\n{output}\n{errors}");
        Folder = (await File.ReadAllTextAsync(LocationFile)).Trim();
        return output.ToString();
    }

    /// <summary>
    /// Starts a command that continues to run, and waits for <paramref name="ready"/> in its output. An earlier started
    /// command is stopped.
    /// </summary>
    /// <returns>The output of the command until then.</returns>
    public async Task<string> Start(string command, string ready)
    {
        EndStarted();
        var isReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringBuilder();
        var process = Create("exec " + command);
        process.EnableRaisingEvents = true;
        process.OutputDataReceived += (_, line) =>
        {
            Add(output, line.Data);
            if (line.Data?.Contains(ready, StringComparison.Ordinal) == true)
            {
                isReady.TrySetResult();
            }
        };
        process.ErrorDataReceived += (_, line) => Add(output, line.Data);
        process.Exited += (_, _) => isReady.TrySetException(new InvalidOperationException($"'{command}' ended early."));
        _started.Add(process);
        Begin(process);

        try
        {
            await isReady.Task.WaitAsync(Timeout);
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException)
        {
            Assert.Fail($"{failure.Message} Its output:\n{output}");
        }

        lock (output)
        {
            return output.ToString();
        }
    }

    public void Dispose() => EndStarted();

    private void EndStarted()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(TimeSpan.FromSeconds(20));
            }

            process.Dispose();
        }

        _started.Clear();
    }

    private string LocationFile => Path.Combine(environment["STATE"], "where");

    private Process Create(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // The build variables of the test host must not affect another build.
        foreach (var name in start
                .Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
                .ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["WHERE"] = LocationFile;
        return new Process { StartInfo = start };
    }

    private static void Begin(Process process)
    {
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private static void Add(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.AppendLine(line);
        }
    }
}
