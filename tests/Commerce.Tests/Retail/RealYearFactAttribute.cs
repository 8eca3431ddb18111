namespace Commerce.Tests.Retail;

/// <summary>A test on the whole real file, which is not part of the repository: skipped when it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealYearFactAttribute : FactAttribute
{
    public RealYearFactAttribute()
    {
        if (!System.IO.File.Exists(File))
            Skip = $"The real year is not there: put it at {File}, or name it in MILLRACE_RETAIL.";
    }

    public static string File { get; } = Environment.GetEnvironmentVariable("MILLRACE_RETAIL") ?? Find();

    /// <summary>Beside the repository, in <c>shared/data</c>.</summary>
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
