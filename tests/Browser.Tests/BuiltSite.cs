using System.Diagnostics;

namespace Browser.Tests;

/// <summary>The site of this repository's pages, made once for all tests of it, in its own folder.</summary>
public sealed class BuiltSite : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-site-");

    public string Folder => Path.Combine(_folder.FullName, "site");

    public static string Root { get; } = RepositoryRoot.Folder;

    /// <summary>What the builder said, and whether every link leads somewhere.</summary>
    public (int ExitCode, string Said) Run { get; private set; }

    public Uri Page(string path) => new("file://" + Path.Combine(Folder, path));

    public async Task InitializeAsync() => Run = await Build(Root, Folder);

    public Task DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Runs the builder, as ./site does.</summary>
    public static async Task<(int ExitCode, string Said)> Build(string source, string output)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        // artifacts/bin/PROJECT/CONFIGURATION
        var program = Path.Combine(here.Parent!.Parent!.FullName, "Site", here.Name, "Site.dll");
        var start = new ProcessStartInfo("dotnet", [program, source, output]) { RedirectStandardError = true };
        using var process = Process.Start(start)!; // Null only when a process is reused, which the shell alone does.
        using var limit = new CancellationTokenSource(Limit);
        var said = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, said);
    }
}
