namespace Site;

/// <summary>Builds the site: pages, search and assets, and checks all links.</summary>
internal sealed class SiteBuild(string root, string output)
{
    /// <summary>The diagrams that are shown as text because they could not be drawn.</summary>
    public IReadOnlyList<string> UnrenderedDiagrams { get; private set; } = [];

    /// <summary>Writes the site.</summary>
    /// <returns>The broken links.</returns>
    public IReadOnlyList<string> Run()
    {
        var pages = new SitePages(root);
        var links = new SiteLinks(root, pages);
        var renderer = new PageRenderer(links);
        var navigation = new SiteNavigation(pages);
        SiteFolder.Clear(output);
        // These files are written first, so that an incomplete site is recognized as a site.
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

    private void Write(string path, string text) => File.WriteAllText(CreateFolderOf(path), text);

    /// <summary>Copies bytes, because not every file is text.</summary>
    private void Copy(string file, string path) => File.Copy(file, CreateFolderOf(path));

    private string CreateFolderOf(string path)
    {
        var file = Path.Combine(output, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // Each file has a folder.
        return file;
    }

    private static string Resource(string name)
    {
        using var stream = typeof(SiteBuild).Assembly.GetManifestResourceStream(name)!; // The project embeds it.
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
