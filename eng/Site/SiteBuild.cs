namespace Site;

/// <summary>Makes the site: pages, search, what they refer to; and looks whether every link leads somewhere.</summary>
internal sealed class SiteBuild(string root, string output)
{
    /// <summary>The diagrams that stand in the site as text, because nobody could draw them.</summary>
    public IReadOnlyList<string> UnrenderedDiagrams { get; private set; } = [];

    /// <summary>Writes the site.</summary>
    /// <returns>The links that lead nowhere.</returns>
    public IReadOnlyList<string> Run()
    {
        var pages = new SitePages(root);
        var links = new SiteLinks(root, pages);
        var renderer = new PageRenderer(links);
        var navigation = new SiteNavigation(pages);
        SiteFolder.Clear(output);
        // First, so that a site that was left half-made is known as one.
        foreach (var asset in SiteFolder.Assets)
            Write(asset, Resource(asset));
        foreach (var page in pages.All)
            Write(page.Output, PageLayout.Of(page, renderer.Render(page), navigation.For(page)));
        foreach (var (file, target) in links.Files)
            Copy(file, target);
        Write("search-index.js", SearchIndex.Of(pages.All.SelectMany(page => page.Entries)));
        UnrenderedDiagrams = renderer.Refused;
        return links.Dead();
    }

    private void Write(string path, string text) => File.WriteAllText(Place(path), text);

    /// <summary>Byte by byte: not every file is a text.</summary>
    private void Copy(string file, string path) => File.Copy(file, Place(path));

    private string Place(string path)
    {
        var file = Path.Combine(output, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // It lies in the site.
        return file;
    }

    private static string Resource(string name)
    {
        using var stream = typeof(SiteBuild).Assembly.GetManifestResourceStream(name)!; // The project puts it there.
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
