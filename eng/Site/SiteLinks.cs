namespace Site;

/// <summary>Resolves the links of the Markdown pages, and finds broken links.</summary>
internal sealed class SiteLinks(string root, SitePages pages)
{
    private readonly List<(SitePage From, string Url, SitePage To, string Anchor)> _anchored = [];
    private readonly List<string> _dead = [];
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>Files of the repository that pages link to, with their paths in the site.</summary>
    public IEnumerable<KeyValuePair<string, string>> Files => _files;

    /// <summary>Returns the site URL of a link target.</summary>
    public string Resolve(SitePage from, string url)
    {
        if (url.Contains("://", StringComparison.Ordinal) || url.StartsWith("mailto:", StringComparison.Ordinal))
            return url;
        var (path, anchor) = url.Split('#', 2) is [var before, var behind] ? (before, behind) : (url, "");
        var source = path.Length == 0 ? from.Source : FromRoot(from, path);
        if (pages.Find(source) is { } page)
        {
            _anchored.Add((from, url, page, anchor));
            return (page == from && path.Length == 0 ? "" : from.LinkTo(page.Output))
                + (anchor.Length > 0 ? "#" + anchor : "");
        }
        var file = Path.Combine(root, source);
        if (File.Exists(file))
        {
            var target = "files/" + source + (Path.HasExtension(source) ? "" : ".txt");
            _files[file] = target;
            return from.LinkTo(target);
        }
        _dead.Add($"{from.Source}: '{url}' is broken.");
        return url;
    }

    /// <summary>Checks links to headings after all pages are rendered.</summary>
    public IReadOnlyList<string> Dead() =>
    [
        .. _dead,
        .. from link in _anchored
           where link.Anchor.Length > 0 && !link.To.Anchors.Contains(link.Anchor)
           select $"{link.From.Source}: '{link.Url}' refers to a heading that {link.To.Source} does not have.",
    ];

    private string FromRoot(SitePage from, string path)
    {
        var folder = Path.GetDirectoryName(Path.Combine(root, from.Source))!; // A page has a folder.
        return Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(path))))
            .Replace('\\', '/');
    }
}
