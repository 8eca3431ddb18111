using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Repository.Tests;

/// <summary>An additional file for the compilation of a page.</summary>
internal sealed class PageFile(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
