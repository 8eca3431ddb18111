using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;

namespace Site;

/// <summary>Writes blocks of code with the colours of their language, so that no script need do it.</summary>
internal sealed class ColoredCode : HtmlObjectRenderer<CodeBlock>
{
    protected override void Write(HtmlRenderer renderer, CodeBlock block)
    {
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentNullException.ThrowIfNull(block);
        var info = (block as FencedCodeBlock)?.Info ?? "";
        var file = (block as FencedCodeBlock)?.Arguments ?? "";
        var code = block.Lines.ToString().TrimEnd('\n');
        renderer.Write("<figure class=\"code\">");
        if (file.Contains('.', StringComparison.Ordinal))
            renderer.Write("<figcaption>").WriteEscape(file).Write("</figcaption>");
        renderer.Write("<pre tabindex=\"0\"><code>").Write(CodeColors.Html(info, code)).Write("</code></pre></figure>");
    }
}
