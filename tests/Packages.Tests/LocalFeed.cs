using System.IO.Compression;

namespace Packages.Tests;

/// <summary>Our packages, packed from this build into a separate feed, and a folder in which a stranger
/// starts.</summary>
public sealed class LocalFeed : IAsyncLifetime
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("millrace-packages-");

    public string Root { get; } = RepositoryRoot.Folder;

    public string Feed => Path.Combine(_home.FullName, "feed");

    /// <summary>Release or Debug: how this test itself was built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    public IReadOnlyCollection<string> Packages =>
        [.. Directory.GetFiles(Feed, "Millrace.*.nupkg").Select(path => Path.GetFileName(path))];

    /// <summary>
    /// The environment of a stranger: own packages folder, so that nothing of an earlier build is found, with what this
    /// machine has already downloaded behind it.
    /// </summary>
    public IReadOnlyDictionary<string, string> Environment { get; private set; } = new Dictionary<string, string>();

    /// <summary>
    /// That of a client that works in the repository. With other packages its projects would all be built again, while
    /// tests run what was built.
    /// </summary>
    private Dictionary<string, string> OfRepository =>
        Environment.Where(one => one.Key != "NUGET_PACKAGES").ToDictionary();

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        var downloaded = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(_home.FullName, "NuGet.config"), $"""
            <configuration>
              <packageSources>
                <clear />
              </packageSources>
              <fallbackPackageFolders>
                <add key="downloaded" value="{downloaded}" />
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
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        };
        using var shell = new Shell(Root, OfRepository);
        await shell.Run($"CONFIGURATION={Configuration} NO_BUILD=1 ./pack '{Feed}'");
        using var home = new Shell(_home.FullName, Environment);
        await home.Run($"dotnet nuget add source '{Feed}' --name millrace --configfile NuGet.config");
    }

    /// <summary>An empty folder that sees the feed.</summary>
    internal Shell Begin(string name) => new(Folder(name), Environment);

    /// <summary>An empty folder in which the repository's own scripts are called.</summary>
    internal Shell StartRebuildBeside(string name) => new(Folder(name), OfRepository);

    /// <summary>The same folder, for the repository's own scripts.</summary>
    internal Shell Beside(Shell shell) => new(shell.Folder, OfRepository);

    internal IReadOnlyList<string> FilesOf(string package)
    {
        using var archive = ZipFile.OpenRead(Path.Combine(Feed, package));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    }

    public Task DisposeAsync()
    {
        _home.Delete(recursive: true);
        return Task.CompletedTask;
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_home.FullName, name)).FullName;
}
