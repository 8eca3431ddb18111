namespace Commerce.Tests.Retail;

/// <summary>
/// A test with the complete real file, which is not part of the repository. Without the file, the test is skipped.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealYearFactAttribute : FactAttribute
{
    public RealYearFactAttribute()
    {
        if (!System.IO.File.Exists(File))
            Skip = $"The file of the real year is missing. Copy it to {File}, or set MILLRACE_RETAIL to its path.";
    }

    public static string File { get; } = Environment.GetEnvironmentVariable("MILLRACE_RETAIL") ?? Find();

    /// <summary>Returns the path in the directory <c>shared/data</c> next to the repository.</summary>
    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (
            directory.Parent is { } parent && !System.IO.File.Exists(Path.Combine(directory.FullName, "Millrace.slnx")))
            directory = parent;
        return Path.Combine(
            directory.Parent?.FullName ?? "..", "shared", "data", "online-retail", "online-retail.csv.gz");
    }
}
