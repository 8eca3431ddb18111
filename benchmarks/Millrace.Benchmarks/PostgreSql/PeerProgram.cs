using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Http;
using Npgsql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Runs the peers. Most are scripts in <c>benchmarks/peers</c>, whose packages are downloaded below the working
/// directory.
/// </summary>
internal static class PeerProgram
{
    /// <summary>The peer that is a .NET program and needs no npm package.</summary>
    public const string Marten = "marten";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Path.Combine("artifacts", "peers");

    /// <summary>Downloads the packages. Returns the error, or null when the download succeeds.</summary>
    public static async Task<string?> Fetch()
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "peers")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        try
        {
            var (exit, _, error) = await Run(
                "npm",
                [],
                "install",
                "--no-audit",
                "--no-fund",
                "--no-package-lock",
                "--ignore-scripts");
            return exit == 0 ? null : $"npm cannot download the packages: {error.Trim().Split('\n')[^1]}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "npm is not installed";
        }
    }

    /// <summary>Runs a peer and returns its measurements.</summary>
    public static async Task<Round> Run(string peer, string connectionString, long count, string load, int[] numbers)
    {
        var arguments = Array.ConvertAll(numbers, Text);
        var (exit, output, error) = peer == Marten
            ? await Run(
                "dotnet", new() { [NodeProcess.AddressVariable] = connectionString },
                [HttpApplication.Program, Marten, load, .. arguments])
            : await Run("node", Environment(connectionString), ["peer.mjs", peer, .. arguments]);
        if (exit != 0)
            throw new InvalidOperationException($"{peer} failed: {error}");
        // Only the last line of the output is JSON.
        using var answer = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var milliseconds = answer.RootElement.GetProperty("milliseconds");
        var latencies = milliseconds.GetArrayLength() == 0 ? null : new Latencies(milliseconds.GetArrayLength());
        foreach (var duration in milliseconds.EnumerateArray())
            latencies?.Add((long)(duration.GetDouble() * Stopwatch.Frequency / 1_000));
        return new Round(
            count,
            TimeSpan.FromSeconds(answer.RootElement.GetProperty("seconds").GetDouble()),
            TimeSpan.FromSeconds(answer.RootElement.GetProperty("processorSeconds").GetDouble()),
            GcPause: TimeSpan.Zero, AllocatedBytes: 0, latencies);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the environment variables with which libpq programs find the database.</summary>
    private static Dictionary<string, string?> Environment(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        return new Dictionary<string, string?>
        {
            ["PGHOST"] = settings.Host,
            ["PGPORT"] = Text(settings.Port),
            ["PGDATABASE"] = settings.Database,
            ["PGUSER"] = settings.Username,
            ["PGPASSWORD"] = settings.Password,
        };
    }

    private static async Task<(int Exit, string Output, string Error)> Run(
        string program, Dictionary<string, string?> environment, params string[] arguments)
    {
        Directory.CreateDirectory(Folder);
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var killing = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = await process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, await output, error);
    }
}
