namespace Millrace.Cli.Tests;

/// <summary>A test on files that are not part of the repository: skipped where they are not at hand.</summary>
public sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute()
    {
        if (!Directory.Exists(Folder))
            Skip = "The JSON test suite is not at hand: set MILLRACE_JSON_SUITE to its folder.";
    }

    public static string Folder { get; } =
        Environment.GetEnvironmentVariable("MILLRACE_JSON_SUITE") ?? Beside("shared/data/events/json-test-suite");

    private static string Beside(string folder)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Millrace.slnx")) && directory.Parent is { } parent)
                return Path.Combine(parent.FullName, folder);
        }
        return folder;
    }
}
