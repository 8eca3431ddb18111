using System.Collections.Concurrent;
using System.Diagnostics;

namespace Browser.Tests.Diagrams;

/// <summary>
/// Installs the parsers that check diagrams from npm, once for all tests, and runs the tool that draws diagrams.
/// </summary>
public sealed class DiagramChecks : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(8);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Drawn = new(StringComparer.Ordinal);

    /// <summary>Gets why tests are skipped, or null if npm is installed or the tests run in CI.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable("CI") == "1" || IsInstalled("npm")
        ? null
        : "There is no npm: apt-get install npm.";

    private static string Root { get; } = RepositoryRoot.Folder;

    /// <summary>Gets the folder of the parsers.</summary>
    public static string Folder { get; } = Path.Combine(Root, "artifacts", "diagram-checks");

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name;

    private static string Bin => Path.Combine(Root, "artifacts", "bin");

    public async Task InitializeAsync()
    {
        if (SkipReason is not null)
            return; // All tests are skipped.
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(Root, "tests", "Browser.Tests", "Diagrams", "checks")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        var (code, output) = await Run(
            Folder, "npm", "ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts");
        Assert.True(code == 0, $"npm ci ended with {code}: {output}");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Draws the model of the shop. Each combination of arguments is drawn once.</summary>
    public static Task<string> Draw(params string[] arguments) =>
        Drawn
            .GetOrAdd(
                string.Join(' ', arguments),
                static (_, arguments) => new Lazy<Task<string>>(() => RedrawDiagram(arguments)),
                arguments)
            .Value;

    private static async Task<string> RedrawDiagram(string[] arguments)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("millrace-diagram-").FullName, "diagram");
        var tool = Path.Combine(Bin, "Millrace.Cli", Configuration, "Millrace.Cli.dll");
        var shop = Path.Combine(Bin, "Commerce", Configuration, "Commerce.dll");
        var (code, output) = await Run(
            Folder,
            "dotnet",
            [tool, "model", "diagram", "--build", shop, "--out", file, .. arguments]);
        Assert.True(code == 0, output);
        var text = await File.ReadAllTextAsync(file);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true); // This method has created the directory.
        return text;
    }

    /// <summary>Runs a program and waits for its end.</summary>
    public static async Task<(int Code, string Output)> Run(string folder, string program, params string[] arguments)
    {
        Directory.CreateDirectory(folder);
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Without a shell, Start never returns null.
        using var limit = new CancellationTokenSource(Timeout);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output + await errors);
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
