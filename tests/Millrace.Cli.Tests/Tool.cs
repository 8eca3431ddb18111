using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Millrace.Cli.Runner;

namespace Millrace.Cli.Tests;

/// <summary>
/// Runs the tool in a directory of one test. Most runs share a process, see <see cref="ToolRunner"/>. A run has its own
/// process if <see cref="IsOwnProcess"/> is set.
/// </summary>
internal sealed class Tool : IDisposable
{
    /// <summary>The time limit of a run. Some commands take a minute on a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public Tool() => Directory = System.IO.Directory.CreateTempSubdirectory("millrace-cli-").FullName;

    /// <summary>Gets the program that runs the tool, with its arguments. The default is none.</summary>
    public string[] Wrapper { get; init; } = [];

    /// <summary>
    /// Gets whether each run has its own process. This is always so when <see cref="Wrapper"/> is set.
    /// </summary>
    public bool IsOwnProcess
    {
        // A runner replaces its standard streams with files, which works neither with a wrapper nor on Windows.
        get => field || Wrapper.Length > 0 || OperatingSystem.IsWindows();
        init;
    }

    /// <summary>
    /// Gets the working directory of the tool. Its store is the file <c>shop.db</c> in this directory.
    /// </summary>
    public string Directory { get; }

    public string Store => File("shop.db");

    /// <summary>Gets the value of the variable MILLRACE_BUILD. A null value removes the variable.</summary>
    public string? Build { get; init; }

    /// <summary>Gets further environment variables. The default is none.</summary>
    public Dictionary<string, string> FurtherVariables { get; } = [];

    /// <summary>Gets the path of the built sample shop.</summary>
    public static string Shop => ProgramFile("Commerce");

    /// <summary>Returns the path of a program of this repository, built in the configuration of these tests.</summary>
    public static string ProgramFile(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var bin =
            output.Parent?.Parent ?? throw new InvalidOperationException("The tests are not built into artifacts/bin.");
        return Path.Combine(bin.FullName, project, output.Name, project + ".dll");
    }

    public string File(string name) => Path.Combine(Directory, name);

    /// <summary>Runs the tool until it exits.</summary>
    public Task<ToolRun> Run(params string[] arguments) => RunWith(input: null, arguments);

    /// <summary>Runs the tool with the given standard input.</summary>
    public async Task<ToolRun> RunWith(byte[]? input, params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var run = IsOwnProcess
                ? await RunProcess(input, arguments, limit.Token)
                : await ToolRunner.Run(new RunnerCall(Directory, Variables, arguments), input, limit.Token);
            JsonOutputShapes.Check(arguments, run);
            return run;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"millrace {string.Join(' ', arguments)} did not end within {Limit}.");
        }
    }

    /// <summary>Runs the tool and asserts that it succeeds.</summary>
    public async Task<ToolRun> RunOk(params string[] arguments)
    {
        var run = await Run(arguments);
        Assert.True(
            run.ExitCode == 0, $"millrace {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Error}");
        return run;
    }

    /// <summary>Runs the tool repeatedly until its answer satisfies the condition.</summary>
    public async Task<ToolRun> RunUntil(string[] arguments, Predicate<ToolRun> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            var run = await RunOk(arguments);
            if (condition(run))
                return run;
            Assert.False(
                limit.IsCancellationRequested, $"millrace {string.Join(' ', arguments)} still answers {run.Output}");
        }
    }

    /// <summary>
    /// Starts the tool without waiting for it. The caller disposes the process and kills it if necessary.
    /// </summary>
    public Process Start(params string[] arguments)
    {
        string[] command = [.. Wrapper, "dotnet", ProgramFile("Millrace.Cli"), .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Variables)
            start.Environment[name] = value; // A null value removes the variable.
        return Process.Start(start)!; // Start returns null only when the shell reuses a process.
    }

    /// <summary>Appends an event through the tool.</summary>
    public Task<ToolRun> Append(string stream, string type, string data, params string[] options) =>
        RunOk(["append", stream, "--create", "--store", Store, "--type", type, "--data", data, .. options]);

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private Dictionary<string, string?> Variables
    {
        get
        {
            var variables = new Dictionary<string, string?>
            {
                ["MILLRACE_STORE"] = null,
                ["MILLRACE_KEYS"] = null,
                ["MILLRACE_KEYS_PASSPHRASE"] = null,
                ["MILLRACE_BACKUP_PASSPHRASE"] = null,
                ["AZURE_STORAGE_CONNECTION_STRING"] = null,
                ["AZURE_STORAGE_ACCOUNT"] = null,
                ["MILLRACE_BUILD"] = Build,
                ["COLUMNS"] = "120",
                ["MILLRACE_COMPLETION_SECONDS"] = "60", // The machine may be busy with other tests.
            };
            foreach (var (name, value) in FurtherVariables)
                variables[name] = value;
            return variables;
        }
    }


    private async Task<ToolRun> RunProcess(byte[]? input, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(arguments);
        try
        {
            var output = ReadAll(process.StandardOutput.BaseStream, cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await Feed(process, input, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return new ToolRun(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static async Task Feed(Process process, byte[]? input, CancellationToken cancellationToken)
    {
        if (input is not null)
            await process.StandardInput.BaseStream.WriteAsync(input, cancellationToken);
        process.StandardInput.Close();
    }

    private static async Task<byte[]> ReadAll(Stream stream, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }
}

/// <summary>The exit code and the output of a run of the tool.</summary>
internal sealed record ToolRun(int ExitCode, byte[] Bytes, string Error)
{
    public string Output => Encoding.UTF8.GetString(Bytes);

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    public JsonElement ErrorJson => JsonDocument.Parse(Error).RootElement;
}
