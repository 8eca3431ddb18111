namespace Site;

/// <summary>A page of the site.</summary>
/// <param name="Source">Its Markdown, from the repository's root, with forward slashes.</param>
/// <param name="Output">Its HTML, from the site's root.</param>
/// <param name="Title">Its first heading.</param>
/// <param name="Text">The Markdown.</param>
internal sealed record SitePage(string Source, string Output, string Title, string Text)
{
    /// <summary>Its parts for the search, filled when it is rendered.</summary>
    public List<SearchEntry> Entries { get; } = [];

    /// <summary>The ids of its headings.</summary>
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>Its headings of the second level, for the list beside the text.</summary>
    public List<(string Id, string Text)> Headings { get; } = [];

    /// <summary>How to come from here to the site's root.</summary>
    public string ToRoot => string.Concat(Enumerable.Repeat("../", Output.Count(letter => letter == '/')));

    /// <summary>How to come from here to another file of the site.</summary>
    public string LinkTo(string output) => ToRoot + output;
}
