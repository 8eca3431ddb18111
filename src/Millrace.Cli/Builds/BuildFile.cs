namespace Millrace.Cli.Builds;

/// <summary>Finds the assembly file for a path to a build.</summary>
internal static class BuildFile
{
    /// <summary>Returns the path if it is a file. If it is a folder, returns the only application in it.</summary>
    /// <exception cref="CliException">There is no application, or there are several.</exception>
    public static string Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
            return full;
        if (!Directory.Exists(full))
        {
            throw new CliException(
                ExitCode.NotFound,
                $"No build was found at '{path}'.",
                "Specify an assembly (.dll) or the build output folder.");
        }
        var files = Candidates(full);
        return files.Length switch
        {
            1 => files[0],
            0 => throw new CliException(
                ExitCode.NotFound,
                $"'{path}' contains no application that uses Millrace.",
                "Specify the assembly (.dll) that contains the [Model], or build the application first."),
            _ => throw new CliException(
                ExitCode.Usage,
                $"'{path}' contains several builds: {string.Join(", ", files.Select(Path.GetFileName))}.",
                "Specify one of them with --build."),
        };
    }

    /// <summary>
    /// Returns the programs in a folder. The SDK writes a runtimeconfig file for each program. If there is none,
    /// returns the libraries for which the SDK wrote a deps file.
    /// </summary>
    private static string[] Candidates(string folder)
    {
        var programs = AssembliesWith(folder, ".runtimeconfig.json");
        return programs.Length > 0 ? programs : AssembliesWith(folder, ".deps.json");
    }

    private static string[] AssembliesWith(string folder, string suffix) =>
    [
        .. Directory.GetFiles(folder, "*" + suffix)
            .Select(file => file[..^suffix.Length] + ".dll")
            .Where(File.Exists)
            .Order(StringComparer.Ordinal),
    ];
}
