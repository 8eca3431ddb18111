namespace Millrace.Cli.Schemas;

/// <summary>Where a contract file lies, and the build of the project beside it.</summary>
internal static class ContractFileLocation
{
    public const string FileName = "events.contract.json";

    /// <summary>The file that was named; else the one here, else the only one below, else the one to begin
    /// here.</summary>
    /// <exception cref="CliException">There are several below.</exception>
    public static string Find(string? given)
    {
        if (!string.IsNullOrEmpty(given))
            return given;
        if (File.Exists(FileName))
            return FileName;
        return NearbyFileFinder.FindBelow(FileName) switch
        {
            [var only] => only,
            [] => FileName,
            var several => throw new CliException(
                ExitCode.Usage, $"There are several contracts: {string.Join(", ", several)}.", "Name one of them."),
        };
    }

    /// <summary>What the one project beside a contract was last built to; null when it was not, or is built to
    /// somewhere else.</summary>
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

    /// <summary>The folder of a contract, as it is typed.</summary>
    public static string FolderOf(string contract) =>
        Path.GetDirectoryName(contract) is { Length: > 0 } folder ? folder : ".";
}
