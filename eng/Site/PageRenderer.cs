using System.Text;
using Markdig;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Site;

/// <summary>
/// Renders a page's Markdown as HTML. Links refer to pages of the site, headings have ids, and code is highlighted.
/// </summary>
internal sealed class PageRenderer(SiteLinks links)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables()
        .UseTaskLists()
        .Build();

    /// <summary>The diagrams that could not be drawn, with their location.</summary>
    public List<string> Refused { get; } = [];

    public string Render(SitePage page)
    {
        var document = Markdown.Parse(page.Text, Pipeline);
        foreach (var heading in document.Descendants<HeadingBlock>())
            SetId(page, heading);
        foreach (var link in document.Descendants<LinkInline>())
            link.Url = link.Url is null ? null : links.Resolve(page, link.Url);
        Collect(page, document);
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.RemoveAll(one => one is CodeBlockRenderer);
        renderer.ObjectRenderers.Add(new ColoredCode(reason => Refused.Add($"{page.Source}: {reason}")));
        renderer.Render(document);
        return writer.ToString().Replace("<table>", "<div class=\"wide\"><table>", StringComparison.Ordinal)
            .Replace("</table>", "</table></div>", StringComparison.Ordinal);
    }

    /// <summary>
    /// Sets the id of a heading as common renderers do: lower case, no punctuation, dashes for spaces, and a number
    /// for duplicates.
    /// </summary>
    private static void SetId(SitePage page, HeadingBlock heading)
    {
        var text = TextOf(heading);
        var plain = string.Concat(
                text.ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or ' '))
            .Replace(' ', '-');
        var id = plain;
        for (var i = 1; !page.Anchors.Add(id); i++)
            id = $"{plain}-{i}";
        heading.GetAttributes().Id = id;
        if (heading.Level == 2)
            page.Headings.Add((id, text));
    }

    /// <summary>Splits the page at its headings for the search.</summary>
    private static void Collect(SitePage page, MarkdownDocument document)
    {
        var (heading, url, text) = ("", page.Output, new StringBuilder());
        foreach (var block in document)
        {
            if (block is HeadingBlock { Level: > 1 and < 4 } next)
            {
                page.Entries.Add(new SearchEntry(url, page.Title, heading, CollapseWhitespace(text)));
                (heading, url) = (TextOf(next), $"{page.Output}#{next.GetAttributes().Id}");
                text.Clear();
            }
            else
            {
                Append(text, block);
            }
        }
        page.Entries.Add(new SearchEntry(url, page.Title, heading, CollapseWhitespace(text)));
    }

    private static string TextOf(LeafBlock block)
    {
        var text = new StringBuilder();
        Append(text, block);
        return CollapseWhitespace(text);
    }

    private static void Append(StringBuilder text, Block block)
    {
        if (block is LeafBlock { Inline: null } code)
            text.Append(code.Lines).Append(' ');
        if (block is LeafBlock { Inline: { } inline })
        {
            foreach (var part in inline.Descendants())
            {
                text.Append(part switch
                {
                    LiteralInline literal => literal.Content.ToString(),
                    CodeInline word => word.Content,
                    LineBreakInline => " ",
                    _ => "",
                });
            }
            text.Append(' ');
        }
        if (block is ContainerBlock container)
        {
            foreach (var inner in container)
                Append(text, inner);
        }
    }

    private static string CollapseWhitespace(StringBuilder text) =>
        string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
