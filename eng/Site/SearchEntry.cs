namespace Site;

/// <summary>A section of a page in the search index.</summary>
/// <param name="Url">Its URL, relative to the site's root.</param>
/// <param name="Page">The page's title.</param>
/// <param name="Heading">Its heading; empty for the text before the first heading.</param>
/// <param name="Text">Its text on one line.</param>
internal sealed record SearchEntry(string Url, string Page, string Heading, string Text);
