using System.Net;

namespace Site;

/// <summary>The layout around the text of every page.</summary>
internal static class PageLayout
{
    public static string Of(SitePage page, string body, string navigation)
    {
        var root = page.ToRoot;
        var title = WebUtility.HtmlEncode(page.Title.Replace("`", "", StringComparison.Ordinal));
        var aside = TableOfContents(page);
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title} · Millrace</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{root}site.css">
            <script>try {"{"} document.documentElement.dataset.theme = localStorage.getItem('theme') || '' {"}"} catch {"{}"}</script>
            </head>
            <body data-root="{root}">
            <a class="skip" href="#text">To the text</a>
            <header>
            <button id="menu" aria-expanded="false" aria-controls="pages" aria-label="Pages">☰</button>
            <a class="home" href="{root}index.html">Millrace</a>
            <div class="search"><input id="search" type="search" placeholder="Search ( / )" aria-label="Search" autocomplete="off"
              role="combobox" aria-expanded="false" aria-controls="found"><ol id="found" hidden></ol></div>
            <button id="theme" aria-label="Light or dark">◐</button>
            </header>
            <div class="columns">
            <nav id="pages" aria-label="Pages">{navigation}</nav>
            <main id="text">
            {body}
            </main>
            {aside}
            </div>
            <script src="{root}minisearch.js" defer></script>
            <script src="{root}search-index.js" defer></script>
            <script src="{root}site.js" defer></script>
            </body>
            </html>
            """;
    }

    private static string TableOfContents(SitePage page)
    {
        if (page.Headings.Count < 2)
            return "";
        var headings = page.Headings.Select(heading =>
            $"<li><a href=\"#{heading.Id}\">{WebUtility.HtmlEncode(heading.Text)}</a></li>");
        return "<nav class=\"here\" aria-label=\"On this page\"><b>On this "
            + $"page</b><ul>{string.Concat(headings)}</ul></nav>";
    }
}
