using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Rename;
using Millrace.Generators;
using Millrace.Generators.Analyzers;

namespace Millrace.CodeFixes;

/// <summary>Renames an event's type everywhere, as proposed. The stored name does not change.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(RenameFix)), Shared]
internal sealed class RenameFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.EventTypeTense, DiagnosticIds.EventTechnicalWord];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root?.FindNode(diagnostic.Location.SourceSpan) is not BaseTypeDeclarationSyntax type
                || model?.GetDeclaredSymbol(type, context.CancellationToken) is not { } symbol)
            {
                continue;
            }
            foreach (var name in Finding.GetFixTexts(diagnostic))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Rename '{symbol.Name}' to '{name}'",
                        cancellation => Renamer.RenameSymbolAsync(
                            context.Document.Project.Solution, symbol, new SymbolRenameOptions(), name, cancellation),
                        diagnostic.Id),
                    diagnostic);
            }
        }
    }
}
