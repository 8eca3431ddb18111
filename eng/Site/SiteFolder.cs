namespace Site;

/// <summary>
/// The output folder, which must contain a site or be empty. The content of the folder is removed before a build.
/// </summary>
internal static class SiteFolder
{
    /// <summary>The files that identify a site.</summary>
    public static readonly string[] Marks = ["site.css", "site.js"];

    /// <summary>The files that every page loads.</summary>
    public static readonly string[] Assets = [.. Marks, "minisearch.js"];

    /// <summary>Returns the reason why a folder cannot be used, or null when it can be used.</summary>
    /// <param name="root">The repository of the site.</param>
    /// <param name="output">The folder.</param>
    public static string? Refusal(string root, string output)
    {
        if (File.Exists(output))
            return $"'{output}' is a file. Specify a folder.";
        if ((Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar).StartsWith(
            Path.TrimEndingDirectorySeparator(output) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return $"'{output}' contains the sources of the site, which would be removed. Specify another folder.";
        if (!Directory.Exists(output) || !Directory.EnumerateFileSystemEntries(output).Any())
            return null;
        return Array.TrueForAll(Marks, mark => File.Exists(Path.Combine(output, mark)))
            ? null
            : $"'{output}' is not empty and not a site, and it would be removed. Specify an empty folder, or remove it "
                + "yourself.";
    }

    /// <summary>Removes an existing site.</summary>
    public static void Clear(string output)
    {
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
    }
}
