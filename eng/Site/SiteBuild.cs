namespace Site;

/// <summary>Makes the site: pages, search, what they refer to; and looks whether every link leads somewhere.</summary>
internal sealed class SiteBuild(string root, string output)
{
    private static readonly string[] Assets = ["site.css", "site.js"];

    /// <summary>Writes the site.</summary>
    /// <returns>The links that lead nowhere.</returns>
    public IReadOnlyList<string> Run()
    {
        var pages = new SitePages(root);
        var links = new SiteLinks(root, pages);
        var renderer = new PageRenderer(links);
        var navigation = new SiteNavigation(pages);
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        foreach (var page in pages.All)
            Write(page.Output, PageLayout.Of(page, renderer.Render(page), navigation.For(page)));
        foreach (var (file, target) in links.Files)
            Write(target, File.ReadAllText(file));
        foreach (var asset in Assets)
            Write(asset, Resource(asset));
        Write("search-index.js", SearchIndex.Of(pages.All.SelectMany(page => page.Entries)));
        return links.Dead();
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(output, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // It lies in the site.
        File.WriteAllText(file, text);
    }

    private static string Resource(string name)
    {
        using var stream = typeof(SiteBuild).Assembly.GetManifestResourceStream(name)!; // The project puts it there.
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
