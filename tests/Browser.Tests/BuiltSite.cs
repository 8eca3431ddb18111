using System.Diagnostics;

namespace Browser.Tests;

/// <summary>The documentation site of this repository, built once for all its tests in a temporary folder.</summary>
public sealed class BuiltSite : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-site-");

    public string Folder => Path.Combine(_folder.FullName, "site");

    public static string Root { get; } = RepositoryRoot.Folder;

    /// <summary>Gets the exit code of the builder, which is 0 if every link has a target, and its errors.</summary>
    public (int ExitCode, string Errors) Run { get; private set; }

    public Uri Page(string path) => new("file://" + Path.Combine(Folder, path));

    public async Task InitializeAsync() => Run = await Build(Root, Folder);

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Runs the builder, as ./site does.</summary>
    public static async Task<(int ExitCode, string Errors)> Build(string source, string output)
    {
        var baseDirectory = new DirectoryInfo(AppContext.BaseDirectory);
        // artifacts/bin/PROJECT/CONFIGURATION
        var program = Path.Combine(baseDirectory.Parent!.Parent!.FullName, "Site", baseDirectory.Name, "Site.dll");
        var start = new ProcessStartInfo("dotnet", [program, source, output]) { RedirectStandardError = true };
        using var process = Process.Start(start)!; // Without a shell, Start never returns null.
        using var limit = new CancellationTokenSource(Timeout);
        var errors = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, errors);
    }
}
