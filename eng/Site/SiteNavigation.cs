using System.Net;
using System.Text;

namespace Site;

/// <summary>The navigation of each page. Sections are ordered by purpose, and the current page is marked.</summary>
internal sealed class SiteNavigation(SitePages pages)
{
    private static readonly (string Title, string Folder)[] Folders =
    [
        ("Learn", "docs/tutorial"),
        ("Do", "docs/how-to"),
        ("Look up", "docs/reference"),
        ("Understand", "docs/explanation"),
    ];

    private static readonly string[] Understand = ["docs/architecture.md", "docs/performance.md", "docs/adr/README.md"];
    private static readonly string[] Project = ["CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"];

    public string For(SitePage current)
    {
        var html = new StringBuilder();
        foreach (var (title, folder) in Folders)
        {
            var more =
                folder.EndsWith("explanation", StringComparison.Ordinal) ? Find(Understand)
                : folder.EndsWith("reference", StringComparison.Ordinal)
                    ? Find(["docs/reference/diagnostics/README.md"])
                : [];
            Section(html, current, title, [.. pages.InFolder(folder), .. more]);
        }
        Section(
            html,
            current,
            "Samples",
            [.. pages.All.Where(page => page.Source.StartsWith("samples/", StringComparison.Ordinal))]);
        Section(html, current, "Project", Find(Project));
        return html.ToString();
    }

    private List<SitePage> Find(IEnumerable<string> sources) => [.. sources.Select(pages.Find).OfType<SitePage>()];

    private static void Section(StringBuilder html, SitePage current, string title, List<SitePage> list)
    {
        if (list.Count == 0)
            return;
        var isOpen = list.Contains(current) || title is "Learn" or "Do";
        html.Append(isOpen ? "<details open>" : "<details>").Append("<summary>").Append(title).Append("</summary><ul>");
        foreach (var page in list.Distinct())
        {
            var here = page == current ? " aria-current=\"page\"" : "";
            var name = WebUtility.HtmlEncode(page.Title.Replace("`", "", StringComparison.Ordinal));
            html.Append("<li><a href=\"").Append(current.LinkTo(page.Output)).Append('"').Append(here).Append('>');
            html.Append(name).Append("</a></li>");
        }
        html.Append("</ul></details>");
    }
}
