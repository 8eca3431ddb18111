namespace Millrace.TestSupport;

/// <summary>Where this repository stands: the tests run below it.</summary>
internal static class RepositoryRoot
{
    /// <summary>Its folder.</summary>
    public static string Folder { get; } = Find();

    /// <summary>The path of a file or folder of it.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Folder, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Millrace.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"No Millrace.slnx above '{AppContext.BaseDirectory}': these tests run inside the repository.");
    }
}
