using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>Makes a <c>When</c> private, and a <c>Key</c> or <c>Apply</c> static.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(FoldModifierFix)), Shared]
internal sealed class FoldModifierFix : SyntaxFix<MethodDeclarationSyntax>
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.WhenNotPrivate, DiagnosticIds.FoldNotStatic];

    /// <inheritdoc/>
    protected override string? Title(MethodDeclarationSyntax node, Diagnostic diagnostic) =>
        diagnostic.Id == DiagnosticIds.WhenNotPrivate ? "Make it private" : "Make it static";

    /// <inheritdoc/>
    protected override async Task<Document> Fix(
        Document document, MethodDeclarationSyntax node, Diagnostic diagnostic, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken);
        if (diagnostic.Id == DiagnosticIds.WhenNotPrivate)
            editor.SetAccessibility(node, Accessibility.Private);
        else
            editor.SetModifiers(node, editor.Generator.GetModifiers(node).WithIsStatic(true));
        return editor.GetChangedDocument();
    }
}
