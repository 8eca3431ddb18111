namespace Millrace.TestSupport;

/// <summary>Finds files with unusual content in the repository and, if it exists, in a shared directory.</summary>
internal static class HostileFiles
{
    /// <summary>Gets the files in the repository, which have the same quirks as the shared files.</summary>
    public static IReadOnlyList<string> Own { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Hostile", "Samples"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Gets the files of the shared directory, or null if the directory does not exist.</summary>
    public static IReadOnlyList<string>? Shared { get; } = FindShared();

    private static List<string>? FindShared()
    {
        var root = Environment.GetEnvironmentVariable("MILLRACE_SHARED");
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (; root is null && directory is not null; directory = directory.Parent)
        {
            var sharedFolder = Path.Combine(directory.FullName, "shared");
            root = Directory.Exists(Path.Combine(sharedFolder, "data", "events")) ? sharedFolder : null;
        }
        if (root is null)
            return null;
        var events = Path.Combine(root, "data", "events");
        if (!Directory.Exists(events))
            return null;
        return [.. Directory.EnumerateFiles(events, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }
}

/// <summary>A test that needs the shared files. Without them the test is skipped with the reason.</summary>
public sealed class SharedFilesFactAttribute : FactAttribute
{
    public SharedFilesFactAttribute()
    {
        if (HostileFiles.Shared is null)
            Skip = "The shared files are missing: set MILLRACE_SHARED to their directory.";
    }
}
