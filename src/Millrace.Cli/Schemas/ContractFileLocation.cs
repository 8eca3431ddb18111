namespace Millrace.Cli.Schemas;

/// <summary>Finds a contract file, and the build of the project in its folder.</summary>
internal static class ContractFileLocation
{
    public const string FileName = "events.contract.json";

    /// <summary>
    /// Returns the specified path. Without a path, searches for a contract file in the current folder and then in its
    /// subfolders. If there is no contract file, returns the path of a new file in the current folder.
    /// </summary>
    /// <exception cref="CliException">The subfolders have several contract files.</exception>
    public static string Find(string? path)
    {
        if (!string.IsNullOrEmpty(path))
            return path;
        if (File.Exists(FileName))
            return FileName;
        return NearbyFileFinder.FindBelow(FileName) switch
        {
            [var only] => only,
            [] => FileName,
            var several => throw new CliException(
                ExitCode.Usage, $"There are several contract files: {string.Join(", ", several)}.",
                "Specify one of them."),
        };
    }

    /// <summary>
    /// Returns the last build of the only project in the folder of a contract. Returns null when the folder does not
    /// have exactly one project, or when the project's <c>bin</c> folder has no build.
    /// </summary>
    public static string? NewestBuild(string contract)
    {
        var folder = FolderOf(contract);
        if (!Directory.Exists(folder) || Directory.GetFiles(folder, "*.csproj") is not [var project])
            return null;
        var bin = Path.Combine(folder, "bin");
        return !Directory.Exists(bin)
            ? null
            : Directory.GetFiles(bin, Path.GetFileNameWithoutExtension(project) + ".dll", SearchOption.AllDirectories)
                .Where(file => Path.GetFileName(Path.GetDirectoryName(file)) is not ("ref" or "refint"))
                .MaxBy(File.GetLastWriteTimeUtc);
    }

    /// <summary>Returns the folder of a contract as a relative path.</summary>
    public static string FolderOf(string contract) =>
        Path.GetDirectoryName(contract) is { Length: > 0 } folder ? folder : ".";
}
