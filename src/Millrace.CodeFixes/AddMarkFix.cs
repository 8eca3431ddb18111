using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using Millrace.Generators;
using Millrace.Generators.Analyzers;

namespace Millrace.CodeFixes;

/// <summary>Marks a member with a sensitive name as personal data or as a secret.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(AddMarkFix)), Shared]
internal sealed class AddMarkFix : SyntaxFix<CSharpSyntaxNode>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.SensitiveName];

    /// <inheritdoc/>
    protected override string? Title(CSharpSyntaxNode node, Diagnostic diagnostic) =>
        node is ParameterSyntax or PropertyDeclarationSyntax && Finding.GetFixTexts(diagnostic) is [var attribute]
            ? $"Add [{attribute}]"
            : null;

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, CSharpSyntaxNode node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var root = await document.GetSyntaxRootAsync(cancellationToken);
        var name = SyntaxFactory.ParseName("Millrace." + Finding.GetFixTexts(diagnostic)[0])
            .WithAdditionalAnnotations(Simplifier.Annotation);
        var list = SyntaxFactory.AttributeList([SyntaxFactory.Attribute(name)]).WithTrailingTrivia(SyntaxFactory.Space);
        var bare = node.WithLeadingTrivia();
        CSharpSyntaxNode marked = bare switch
        {
            ParameterSyntax parameter => parameter.WithAttributeLists(parameter.AttributeLists.Insert(0, list)),
            PropertyDeclarationSyntax property => property.WithAttributeLists(property.AttributeLists.Insert(0, list)),
            _ => bare,
        };
        // The node was found in this document.
        return document.WithSyntaxRoot(root!.ReplaceNode(node, marked.WithLeadingTrivia(node.GetLeadingTrivia())));
    }
}
