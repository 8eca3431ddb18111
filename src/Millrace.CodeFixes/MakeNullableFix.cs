using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>Makes a marked member nullable, so that it can be null after an erasure.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MakeNullableFix)), Shared]
internal sealed class MakeNullableFix : SyntaxFix<CSharpSyntaxNode>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.MarkNotErasable];

    /// <inheritdoc/>
    protected override string? Title(CSharpSyntaxNode node, Diagnostic diagnostic) =>
        TypeOf(node) is { } type and not NullableTypeSyntax ? $"Use '{type}?'" : null;

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, CSharpSyntaxNode node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var root = await document.GetSyntaxRootAsync(cancellationToken);
        var type = TypeOf(node)!; // Title checked it.
        var nullable = SyntaxFactory.NullableType(type.WithoutTrivia()).WithTriviaFrom(type);
        return document.WithSyntaxRoot(root!.ReplaceNode(type, nullable)); // The node was found in this document.
    }

    private static TypeSyntax? TypeOf(CSharpSyntaxNode node) => node switch
    {
        ParameterSyntax parameter => parameter.Type,
        PropertyDeclarationSyntax property => property.Type,
        _ => null,
    };
}
