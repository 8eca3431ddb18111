namespace Site;

/// <summary>A section of a page, as the search knows it.</summary>
/// <param name="Url">Where it is, from the site's root.</param>
/// <param name="Page">The page's title.</param>
/// <param name="Heading">Its heading; empty for what stands before the first.</param>
/// <param name="Text">Its text on one line.</param>
internal sealed record SearchEntry(string Url, string Page, string Heading, string Text);
