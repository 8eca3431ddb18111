using System.IO.Compression;

namespace Packages.Tests;

/// <summary>A package feed with the packages of this build, and empty folders for new users.</summary>
public sealed class LocalFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("millrace-packages-");

    public string Root { get; } = RepositoryRoot.Folder;

    public string Feed => Path.Combine(_home.FullName, "feed");

    /// <summary>Gets the configuration of the current build, Release or Debug.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    public IReadOnlyCollection<string> Packages =>
        [.. Directory.GetFiles(Feed, "Millrace.*.nupkg").Select(path => Path.GetFileName(path))];

    /// <summary>
    /// Gets the environment of a new user. It has an empty packages folder without earlier builds. The packages that
    /// this machine has already downloaded are a fallback.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    /// <summary>
    /// Gets the environment of a developer of the repository. With another packages folder, all projects would be
    /// rebuilt while tests use the built files.
    /// </summary>
    private Dictionary<string, string> RepositoryEnvironment =>
        Environment.Where(variable => variable.Key != "NUGET_PACKAGES").ToDictionary();

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        var downloaded = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(
                System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "NuGet.config"), $"""
            <configuration>
              <packageSources>
                <clear />
              </packageSources>
              <fallbackPackageFolders>
                <add key="downloaded" value="{LinkOtherPackages(downloaded)}" />
              </fallbackPackageFolders>
            </configuration>
            """);
        Environment = new Dictionary<string, string>
        {
            ["STATE"] = _home.FullName,
            ["NUGET_PACKAGES"] = Path.Combine(_home.FullName, "packages"),
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "1",
        };
        using var shell = new Shell(Root, RepositoryEnvironment);
        await shell.Run($"CONFIGURATION={Configuration} NO_BUILD=1 ./pack '{Feed}'");
        using var home = new Shell(_home.FullName, Environment);
        await home.Run($"dotnet nuget add source '{Feed}' --name millrace --configfile NuGet.config");
    }

    /// <summary>
    /// Creates a folder with a link to each downloaded package of others. The folder of a user who has run
    /// <c>./pack</c> contains packages of an earlier build with the same version, which must not replace the new ones.
    /// </summary>
    private string LinkOtherPackages(string downloaded)
    {
        var links = Directory.CreateDirectory(Path.Combine(_home.FullName, "downloaded"));
        foreach (var package in new DirectoryInfo(downloaded).EnumerateDirectories())
        {
            if (!package.Name.StartsWith("millrace", StringComparison.OrdinalIgnoreCase))
                Directory.CreateSymbolicLink(Path.Combine(links.FullName, package.Name), package.FullName);
        }
        return links.FullName;
    }

    /// <summary>Creates an empty folder that uses the feed.</summary>
    internal Shell NewShell(string name) => new(Folder(name), Environment);

    /// <summary>Creates an empty folder for calls of the repository's scripts.</summary>
    internal Shell NewRepositoryShell(string name) => new(Folder(name), RepositoryEnvironment);

    /// <summary>Returns the same folder for calls of the repository's scripts.</summary>
    internal Shell RepositoryShellIn(Shell shell) => new(shell.Folder, RepositoryEnvironment);

    internal IReadOnlyList<string> FilesOf(string package)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Feed, package));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    public async Task DisposeAsync()
    {
        // Otherwise the server of the builds would run on after the tests.
        using (var shell = new Shell(_home.FullName, Environment))
            await shell.Run("dotnet build-server shutdown --msbuild || true");
        _home.Delete(recursive: true);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home.FullName, name)).FullName;
}
