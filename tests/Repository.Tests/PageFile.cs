using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Repository.Tests;

/// <summary>A file of a page that stands beside its code.</summary>
internal sealed class PageFile(string path, string text) : AdditionalText
{
    public override string Path => path;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
}
