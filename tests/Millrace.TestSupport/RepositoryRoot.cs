namespace Millrace.TestSupport;

/// <summary>Finds the root folder of this repository, below which the tests run.</summary>
internal static class RepositoryRoot
{
    /// <summary>Gets the root folder.</summary>
    public static string Folder { get; } = Find();

    /// <summary>Returns the full path of a file or folder of the repository.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Folder, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Millrace.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"No Millrace.slnx above '{AppContext.BaseDirectory}': these tests must run inside the repository.");
    }
}
