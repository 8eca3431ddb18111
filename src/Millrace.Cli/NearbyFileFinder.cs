namespace Millrace.Cli;

/// <summary>Finds files in subfolders that a user in the root folder of a project may refer to.</summary>
internal static class NearbyFileFinder
{
    private const int MaxFolderDepth = 4;
    private const int MaxFiles = 10;

    /// <summary>
    /// Returns the relative paths of the first matching files in subfolders of the current directory. Build output is
    /// ignored.
    /// </summary>
    public static IReadOnlyList<string> FindBelow(string pattern) =>
        [.. Find(".", pattern, MaxFolderDepth).Take(MaxFiles).Select(DisplayPath)];

    /// <summary>Returns a path without the leading dot.</summary>
    public static string DisplayPath(string path) =>
        path.StartsWith("." + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path[2..] : path;

    private static IEnumerable<string> Find(string folder, string pattern, int levels)
    {
        foreach (var subfolder in Directories(folder))
        {
            foreach (var file in Files(subfolder, pattern))
                yield return file;
            if (levels == 1)
                continue;
            foreach (var file in Find(subfolder, pattern, levels - 1))
                yield return file;
        }
    }

    private static IEnumerable<string> Directories(string folder) =>
        Guarded(() => Directory.GetDirectories(folder))
            .Where(path => !IsOutput(Path.GetFileName(path)))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Guarded(() => Directory.GetFiles(folder, pattern)).Order(StringComparer.Ordinal);

    /// <summary>Returns true when a folder contains generated files.</summary>
    public static bool IsOutput(string name) =>
        name is "bin" or "obj" or "node_modules" or "artifacts" || name.StartsWith('.');

    private static string[] Guarded(Func<string[]> find)
    {
        try
        {
            return find();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            return []; // Folders that cannot be read are ignored.
        }
    }
}
