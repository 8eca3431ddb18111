using System.Diagnostics;

namespace Servers;

/// <summary>Finds Prometheus on this machine, and runs its tool.</summary>
public static class PrometheusPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs Prometheus: apt-get install prometheus";

    private static readonly TimeSpan ToolTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Gets the path of the server program, or null if Prometheus is not installed.</summary>
    public static string? Server { get; } = Find("prometheus");

    /// <summary>Gets why tests are skipped, or null if Prometheus is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Server is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;

    /// <summary>Runs <c>promtool</c> with an input, and returns its exit code and its output.</summary>
    public static async Task<(int Code, string Output)> Promtool(string input, params string[] arguments)
    {
        var tool = Find("promtool") ?? throw new InvalidOperationException($"This {Missing}.");
        using var limit = new CancellationTokenSource(ToolTimeout);
        using var process = Process.Start(new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Not null, because a new process is started.
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
        .Select(path => Path.Combine(path, program)).FirstOrDefault(File.Exists);
}
