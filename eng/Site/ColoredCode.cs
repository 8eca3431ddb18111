using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Site;

/// <summary>Writes code blocks with syntax colors, so that pages need no script for the colors.</summary>
/// <param name="refuse">Receives the error of a diagram that cannot be drawn. The page then shows the diagram as
/// text.</param>
internal sealed class ColoredCode(Action<string> refuse) : HtmlObjectRenderer<CodeBlock>
{
    protected override void Write(HtmlRenderer renderer, CodeBlock block)
    {
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentNullException.ThrowIfNull(block);
        var info = (block as FencedCodeBlock)?.Info ?? "";
        var file = (block as FencedCodeBlock)?.Arguments ?? "";
        var code = block.Lines.ToString().TrimEnd('\n');
        if (info == "mermaid" && Drawn(code) is { } drawing)
        {
            renderer
                .Write("<figure class=\"diagram\"><div tabindex=\"0\" role=\"region\" aria-label=\"Diagram\">")
                .Write(drawing)
                .Write("</div><details><summary>The diagram as text</summary><pre tabindex=\"0\"><code>")
                .WriteEscape(code)
                .Write("</code></pre></details></figure>");
            return;
        }
        renderer.Write("<figure class=\"code\">");
        if (file.Contains('.', StringComparison.Ordinal))
            renderer.Write("<figcaption>").WriteEscape(file).Write("</figcaption>");
        renderer.Write("<pre tabindex=\"0\"><code>").Write(CodeColors.Html(info, code)).Write("</code></pre></figure>");
    }

    private string? Drawn(string code)
    {
        try
        {
            return FlowDrawing.Of(code);
        }
        catch (FormatException exception)
        {
            refuse(exception.Message);
            return null;
        }
    }
}
