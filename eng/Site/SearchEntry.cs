namespace Site;

/// <summary>A section of a page in the search index.</summary>
/// <param name="Url">The URL of the section, relative to the site's root.</param>
/// <param name="Page">The page's title.</param>
/// <param name="Heading">The heading of the section, or an empty text for the text before the first heading.</param>
/// <param name="Text">The text of the section on one line.</param>
internal sealed record SearchEntry(string Url, string Page, string Heading, string Text);
