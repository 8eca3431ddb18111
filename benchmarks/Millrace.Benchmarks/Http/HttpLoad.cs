using System.Diagnostics;
using System.Globalization;

namespace Millrace.Benchmarks.Http;

/// <summary>The result of one load by <c>wrk</c>.</summary>
/// <param name="Requests">The number of requests.</param>
/// <param name="Seconds">The duration of the load.</param>
/// <param name="Failed">The number of requests that failed or were refused.</param>
/// <param name="P50Ms">The median duration of a request, in milliseconds.</param>
/// <param name="P95Ms">The 95th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
internal sealed record HttpLoad(long Requests, double Seconds, long Failed, double P50Ms, double P95Ms, double P99Ms)
{
    private const int Connections = 32;

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    /// <summary>Gets the number of successful requests per second.</summary>
    public double PerSecond => (Requests - Failed) / Seconds;

    /// <summary>Gets whether <c>wrk</c> is installed.</summary>
    public static bool IsAvailable => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(static folder => File.Exists(Path.Combine(folder, "wrk")));

    /// <summary>Runs a script of <c>benchmarks/http</c> against an application, with 32 connections.</summary>
    /// <param name="script">The file name of the script.</param>
    /// <param name="address">The address of the application.</param>
    /// <param name="seconds">The duration of the load, in seconds.</param>
    /// <param name="settings">The environment variables for the script.</param>
    public static async Task<HttpLoad> Run(
        string script, Uri address, int seconds, params (string Name, long Value)[] settings)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "http");
        var start = new ProcessStartInfo(
            "wrk",
            [
                "-t1",
                Text("-c", Connections),
                Text("-d", seconds),
                "-s",
                Path.Combine(folder, script),
                address.ToString(),
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        start.Environment["REPORT"] = Path.Combine(folder, "report.lua");
        foreach (var (name, value) in settings)
            start.Environment[name] = Text("", value);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start.");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds) + Margin);
        await using var killing = limit.Token.Register(process.Kill);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        var line =
            output.Split('\n').FirstOrDefault(static line => line.StartsWith("measured ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk failed: {output}");
        var parts = Array.ConvertAll(
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..],
            static part => double.Parse(part, CultureInfo.InvariantCulture));
        return new HttpLoad((long)parts[0], parts[1], (long)parts[2], parts[3], parts[4], parts[5]);
    }

    private static string Text(string option, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{option}{value}");
}
