using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>Removes <c>[Indexed]</c> from a marked member with few values.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RemoveIndexFix)), Shared]
internal sealed class RemoveIndexFix : SyntaxFix<CSharpSyntaxNode>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.IndexOfFewValues];

    /// <inheritdoc/>
    protected override string? Title(CSharpSyntaxNode node, Diagnostic diagnostic) =>
        IndexedIn(node) is not null ? "Remove [Indexed]" : null;

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, CSharpSyntaxNode node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var root = await document.GetSyntaxRootAsync(cancellationToken);
        var attribute = IndexedIn(node)!; // Otherwise, there is no title.
        SyntaxNode removed = attribute.Parent is AttributeListSyntax { Attributes.Count: 1 } list ? list : attribute;
        // A comment above the member belongs to its first attribute.
        var kept = removed.GetFirstToken() == node.GetFirstToken()
            ? SyntaxRemoveOptions.KeepLeadingTrivia
            : SyntaxRemoveOptions.KeepNoTrivia;
        // The node was found in this document.
        return document.WithSyntaxRoot(root!.RemoveNode(removed, kept)!);
    }

    private static AttributeSyntax? IndexedIn(CSharpSyntaxNode node) => node switch
    {
        ParameterSyntax parameter => OldShape.Find(parameter.AttributeLists, "Indexed"),
        PropertyDeclarationSyntax property => OldShape.Find(property.AttributeLists, "Indexed"),
        _ => null,
    };
}
