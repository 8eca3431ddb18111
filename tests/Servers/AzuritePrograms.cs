using System.Diagnostics;

namespace Servers;

/// <summary>
/// Installs Azurite, object storage with the interface of Azure Blob Storage, from npm: once for each clone, in
/// <c>artifacts</c>.
/// </summary>
public static class AzuritePrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs npm: apt-get install npm";

    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(9);

    /// <summary>Gets whether npm is installed.</summary>
    public static bool IsAvailable { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, "npm")));

    /// <summary>Gets why tests are skipped, or null if npm is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        !IsAvailable && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;

    /// <summary>Installs Azurite if it is missing or has another version, and returns the path of its script.</summary>
    public static async Task<string> Install()
    {
        var folder = Path.Combine(Root(), "artifacts", "azurite");
        var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "blob", "main.js");
        var installed = Path.Combine(folder, "installed.json");
        var source = Path.Combine(AppContext.BaseDirectory, "Azurite");
        var wanted = await File.ReadAllTextAsync(Path.Combine(source, "package-lock.json"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == wanted)
            return script;
        Directory.CreateDirectory(folder);
        await using var _ = await Lock(Path.Combine(folder, "installing"));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed) == wanted)
            return script; // Another test project has installed it meanwhile.
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        await Run(folder, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        await File.WriteAllTextAsync(installed, wanted); // Last, so that an interrupted installation is repeated.
        return script;
    }

    /// <summary>Waits until no other test project installs.</summary>
    private static async Task<FileStream> Lock(string file)
    {
        using var limit = new CancellationTokenSource(2 * InstallTimeout);
        using var interval = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await interval.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    private static async Task Run(string folder, params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Without a shell, Start never returns null.
        using var limit = new CancellationTokenSource(InstallTimeout);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"'{string.Join(' ', command)}' ended with {process.ExitCode}: {await output}{await errors}");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Millrace.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return folder.FullName;
    }
}
