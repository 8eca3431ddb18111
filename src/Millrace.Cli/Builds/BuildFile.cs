namespace Millrace.Cli.Builds;

/// <summary>Finds the assembly that a path to a build means.</summary>
internal static class BuildFile
{
    /// <summary>The file itself, or the one application in a folder.</summary>
    /// <exception cref="CliException">There is none, or there are several.</exception>
    public static string Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full))
            return full;
        if (!Directory.Exists(full))
        {
            throw new CliException(
                ExitCode.NotFound,
                $"There is no build at '{path}'.",
                "Name an assembly (.dll) or the folder it was built to.");
        }
        var files = Candidates(full);
        return files.Length switch
        {
            1 => files[0],
            0 => throw new CliException(
                ExitCode.NotFound,
                $"'{path}' holds no application that knows Millrace.",
                "Name the assembly (.dll) that holds the [Model], or build the application first."),
            _ => throw new CliException(
                ExitCode.Usage,
                $"'{path}' holds several builds: {string.Join(", ", files.Select(Path.GetFileName))}.",
                "Name one of them with --build."),
        };
    }

    /// <summary>
    /// Programs are told by the settings that the SDK writes beside them; in a folder of libraries each with settings
    /// of its own counts.
    /// </summary>
    private static string[] Candidates(string folder)
    {
        var programs = With(folder, ".runtimeconfig.json");
        return programs.Length > 0 ? programs : With(folder, ".deps.json");
    }

    private static string[] With(string folder, string settings) =>
    [
        .. Directory.GetFiles(folder, "*" + settings)
            .Select(file => file[..^settings.Length] + ".dll")
            .Where(File.Exists)
            .Order(StringComparer.Ordinal),
    ];
}
