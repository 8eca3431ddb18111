namespace Site;

/// <summary>The folder that the site is written to: what stands there is removed before, and so must be a
/// site.</summary>
internal static class SiteFolder
{
    /// <summary>The files by which a site is known.</summary>
    public static readonly string[] Marks = ["site.css", "site.js"];

    /// <summary>The files that every page loads.</summary>
    public static readonly string[] Assets = [.. Marks, "minisearch.js"];

    /// <summary>Why a folder cannot be written to; null when it can.</summary>
    /// <param name="root">The repository whose pages are made into a site.</param>
    /// <param name="output">The folder.</param>
    public static string? Refusal(string root, string output)
    {
        if (File.Exists(output))
            return $"'{output}' is a file. Name a folder.";
        if ((Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar).StartsWith(
            Path.TrimEndingDirectorySeparator(output) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return $"'{output}' holds the sources of the site, which would be removed. Name a folder of its own.";
        if (!Directory.Exists(output) || !Directory.EnumerateFileSystemEntries(output).Any())
            return null;
        return Array.TrueForAll(Marks, mark => File.Exists(Path.Combine(output, mark)))
            ? null
            : $"'{output}' is not empty and no older site: it would be removed. Name an empty folder, or remove it "
                + "yourself.";
    }

    /// <summary>Removes the site that stands there.</summary>
    public static void Clear(string output)
    {
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
    }
}
