namespace Repository.Tests;

/// <summary>Finds the Markdown pages.</summary>
internal static class Markdown
{
    public static IEnumerable<string> Pages
        => RepositoryFiles.All.Where(path => path.EndsWith(".md", StringComparison.Ordinal));
}
