using System.Diagnostics;

namespace Commerce.Tests.Operations;

/// <summary>Runs the command line tool in a separate process on a store that the shop has open.</summary>
internal static class OperatorTool
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);

    public static Task<(int ExitCode, string Output, string Error)> Run(string data, params string[] arguments) =>
        RunOn(Path.Combine(data, "shop.db"), arguments);

    /// <summary>Runs the tool on another store.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunOn(string store, params string[] arguments) =>
        RunToEnd("dotnet", [ProgramFile(), .. arguments, "--store", store]);

    /// <summary>Runs the tool on a terminal, and returns the combined outputs.</summary>
    public static async Task<(int ExitCode, string Shown)> RunOnTerminal(string data, params string[] arguments)
    {
        string[] words = ["dotnet", ProgramFile(), .. arguments, "--store", Path.Combine(data, "shop.db")];
        var (code, output, error) = await RunToEnd(
            "script",
            ["-qec", string.Join(' ', words.Select(word => $"'{word}'")), "/dev/null"]);
        return (code, output + error);
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunToEnd(
        string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!; // Null only for a reused process, which only the shell starts.
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(WaitTimeout);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Returns the path of the tool, in the build configuration of these tests.</summary>
    private static string ProgramFile()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var bin =
            output.Parent?.Parent ?? throw new InvalidOperationException("The tests are not built into artifacts/bin.");
        return Path.Combine(bin.FullName, "Millrace.Cli", output.Name, "Millrace.Cli.dll");
    }
}
