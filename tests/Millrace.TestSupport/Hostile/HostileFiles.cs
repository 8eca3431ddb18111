namespace Millrace.TestSupport;

/// <summary>Files that are hard to read: a few in the repository, and many more where a directory of shared
/// data is at hand.</summary>
internal static class HostileFiles
{
    /// <summary>Files with the quirks of the many, always there.</summary>
    public static IReadOnlyList<string> Own { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Hostile", "Samples"))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The files of the shared directory; null where there is none.</summary>
    public static IReadOnlyList<string>? Shared { get; } = FindShared();

    private static List<string>? FindShared()
    {
        var root = Environment.GetEnvironmentVariable("MILLRACE_SHARED");
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        for (; root is null && directory is not null; directory = directory.Parent)
        {
            var beside = Path.Combine(directory.FullName, "shared");
            root = Directory.Exists(Path.Combine(beside, "data", "events")) ? beside : null;
        }
        if (root is null)
            return null;
        var events = Path.Combine(root, "data", "events");
        if (!Directory.Exists(events))
            return null;
        return [.. Directory.EnumerateFiles(events, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }
}

/// <summary>A fact that needs the shared files, and says so where they are not.</summary>
public sealed class SharedFilesFactAttribute : FactAttribute
{
    public SharedFilesFactAttribute()
    {
        if (HostileFiles.Shared is null)
            Skip = "The shared files are not here: set MILLRACE_SHARED to their directory.";
    }
}
