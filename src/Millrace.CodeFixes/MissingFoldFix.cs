using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Millrace.Generators;
using Millrace.Generators.Analyzers;

namespace Millrace.CodeFixes;

/// <summary>
/// Adds a method that folds an event: <c>When</c>, <c>Evolve</c>, or the missing <c>Key</c> or <c>Apply</c>.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MissingFoldFix)), Shared]
internal sealed class MissingFoldFix : SyntaxFix<TypeDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.NoWhen, DiagnosticIds.ApplyWithoutKey, DiagnosticIds.KeyWithoutApply];

    /// <inheritdoc/>
    protected override string? Title(TypeDeclarationSyntax node, Diagnostic diagnostic) => diagnostic.Id switch
    {
        DiagnosticIds.ApplyWithoutKey => "Add the Key",
        DiagnosticIds.KeyWithoutApply => "Add the Apply",
        _ => "Add a method for it",
    };

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, TypeDeclarationSyntax node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken);
        var methods = new FoldMethodSyntax(
            editor.SemanticModel, node, diagnostic.Location.SourceSpan.Start, cancellationToken);
        var code = diagnostic.Id switch
        {
            DiagnosticIds.ApplyWithoutKey => methods.Key(),
            DiagnosticIds.KeyWithoutApply => methods.Apply(),
            _ => methods.Evolve(Finding.GetFixTexts(diagnostic)[0]),
        };
        if (code is not null && SyntaxFactory.ParseMemberDeclaration(code) is { } method)
            editor.AddMember(node, method.WithLeadingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed));
        return editor.GetChangedDocument();
    }
}
