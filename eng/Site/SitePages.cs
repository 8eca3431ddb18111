using System.Text.RegularExpressions;

namespace Site;

/// <summary>The pages of a repository. They are in docs, in the root folder and in the samples.</summary>
internal sealed partial class SitePages
{
    private static readonly string[] RootPages = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];
    private static readonly string[] NoPages = ["/bin/", "/obj/", "/node_modules/", "/artifacts/"];

    private readonly Dictionary<string, SitePage> _bySource;

    public SitePages(string root)
    {
        var files = RootPages.Select(file => Path.Combine(root, file)).Where(File.Exists)
            .Concat(Below(Path.Combine(root, "docs")))
            .Concat(Below(Path.Combine(root, "samples")));
        _bySource = files.Select(file => Read(root, file)).ToDictionary(page => page.Source, StringComparer.Ordinal);
        var missing = _bySource.Values.Where(page => page.Source.StartsWith("docs/", StringComparison.Ordinal))
            .Select(page => Path.GetDirectoryName(page.Source)!.Replace('\\', '/')).Distinct()
            .Where(folder => folder != "docs" && !_bySource.ContainsKey(folder + "/README.md")).ToList();
        foreach (var folder in missing)
            _bySource[folder + "/README.md"] = Index(folder);
    }

    public IEnumerable<SitePage> All => _bySource.Values.OrderBy(page => page.Source, StringComparer.Ordinal);

    /// <summary>Returns a page by its file, or by the folder of an index page.</summary>
    public SitePage? Find(string source) =>
        _bySource.GetValueOrDefault(source) ?? _bySource.GetValueOrDefault(source.TrimEnd('/') + "/README.md");

    /// <summary>Returns the pages of a folder in the order of its index, with the index first.</summary>
    public IReadOnlyList<SitePage> InFolder(string folder)
    {
        if (!_bySource.TryGetValue(folder + "/README.md", out var index))
            return [];
        var named = Link()
            .Matches(index.Text)
            .Select(match => folder + "/" + match.Groups[1].Value)
            .Distinct(StringComparer.Ordinal);
        return
        [
            index,
            .. named
                .Select(source => _bySource.GetValueOrDefault(source))
                .OfType<SitePage>()
                .Where(page => page != index),
        ];
    }

    private static IEnumerable<string> Below(string folder) => !Directory.Exists(folder) ? []
        : Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)
            .Where(file => !NoPages.Any(part => file.Replace('\\', '/').Contains(part, StringComparison.Ordinal)));

    private static SitePage Read(string root, string file)
    {
        var source = Path.GetRelativePath(root, file).Replace('\\', '/');
        var text = File.ReadAllText(file).ReplaceLineEndings("\n");
        return new SitePage(source, OutputOf(source), TitleOf(text) ?? Path.GetFileNameWithoutExtension(file), text);
    }

    private static string? TitleOf(string text) =>
        Title().Match(text) is { Success: true } found ? found.Groups[1].Value.Trim() : null;

    private static string OutputOf(string source)
    {
        var path = source.StartsWith("docs/", StringComparison.Ordinal) ? source["docs/".Length..] : source;
        path = path[..^".md".Length];
        var isIndex = path == "README" || path.EndsWith("/README", StringComparison.Ordinal);
        return (isIndex ? path[..^"README".Length] + "index" : path) + ".html";
    }

    /// <summary>Creates an index for a folder without an index. The index lists the pages by name.</summary>
    private SitePage Index(string folder)
    {
        var pages = _bySource.Values.Where(page => Path.GetDirectoryName(page.Source)!.Replace('\\', '/') == folder)
            .OrderBy(page => page.Source, StringComparer.Ordinal);
        var lines = pages.Select(page => $"- [{page.Title}]({Path.GetFileName(page.Source)})");
        var title = folder.EndsWith("/adr", StringComparison.Ordinal)
            ? "Decisions"
            : folder[(folder.LastIndexOf('/') + 1)..];
        return new SitePage(
            folder + "/README.md",
            OutputOf(folder + "/README.md"),
            title,
            $"# {title}\n\n{string.Join('\n', lines)}\n");
    }

    [GeneratedRegex(@"(?m)^# (.+)$")]
    private static partial Regex Title();

    [GeneratedRegex(@"\]\(([^)#\s]+\.md)")]
    private static partial Regex Link();
}
