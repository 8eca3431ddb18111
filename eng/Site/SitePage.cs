namespace Site;

/// <summary>A page of the site.</summary>
/// <param name="Source">The path of its Markdown, relative to the repository's root, with forward slashes.</param>
/// <param name="Output">The path of its HTML, relative to the site's root.</param>
/// <param name="Title">The first heading of the page.</param>
/// <param name="Text">The Markdown.</param>
internal sealed record SitePage(string Source, string Output, string Title, string Text)
{
    /// <summary>Gets the sections of the page for the search. The renderer adds them.</summary>
    public List<SearchEntry> Entries { get; } = [];

    /// <summary>Gets the ids of the headings.</summary>
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets the second-level headings for the table of contents.</summary>
    public List<(string Id, string Text)> Headings { get; } = [];

    /// <summary>Returns the relative path from this page to the site's root.</summary>
    public string ToRoot => string.Concat(Enumerable.Repeat("../", Output.Count(letter => letter == '/')));

    /// <summary>Returns the relative path from this page to another file of the site.</summary>
    public string LinkTo(string output) => ToRoot + output;
}
