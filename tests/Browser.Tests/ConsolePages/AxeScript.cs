using System.Diagnostics;

namespace Browser.Tests.ConsolePages;

/// <summary>The script of axe-core, a development dependency of the console.</summary>
internal static class AxeScript
{
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(5);
    private static readonly string Web = Path.Combine(RepositoryRoot.Folder, "src/Millrace.Console/web");
    private static readonly Lazy<Task<string>> Script = new(Load);

    public static Task<string> Read() => Script.Value;

    private static async Task<string> Load()
    {
        var file = Path.Combine(Web, "node_modules/axe-core/axe.min.js");
        if (!File.Exists(file))
            await Install();
        return await File.ReadAllTextAsync(file);
    }

    private static async Task Install()
    {
        using var ending = new CancellationTokenSource(InstallTimeout);
        using var npm = Process.Start(new ProcessStartInfo(
            "npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"])
        {
            WorkingDirectory = Web,
        })!; // Not null: a new process is started.
        await npm.WaitForExitAsync(ending.Token);
        Assert.True(npm.ExitCode == 0, "npm install failed in src/Millrace.Console/web.");
    }
}
