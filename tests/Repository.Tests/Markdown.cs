namespace Repository.Tests;

/// <summary>The pages for readers.</summary>
internal static class Markdown
{
    public static IEnumerable<string> Pages
        => RepositoryFiles.All.Where(path => path.EndsWith(".md", StringComparison.Ordinal));
}
