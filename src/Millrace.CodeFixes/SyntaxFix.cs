using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Millrace.CodeFixes;

/// <summary>A fix that finds a node at the diagnostic and offers to change it; "fix all" does the same
/// everywhere.</summary>
/// <typeparam name="TNode">The kind of node, the nearest around the diagnostic, that the fix begins from.</typeparam>
public abstract class SyntaxFix<TNode> : CodeFixProvider
    where TNode : SyntaxNode
{
    /// <inheritdoc/>
    public sealed override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken);
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root
                    ?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true)
                    .FirstAncestorOrSelf<TNode>()
                is not { } node)
                continue;
            if (Title(node, diagnostic) is { } title)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title, cancellation => Fix(context.Document, node, diagnostic, cancellation), diagnostic.Id),
                    diagnostic);
            }
        }
    }

    /// <summary>What the editor offers, or null where there is nothing to offer.</summary>
    protected abstract string? Title(TNode node, Diagnostic diagnostic);

    /// <summary>The document with the mistake mended.</summary>
    protected abstract Task<Document> Fix(
        Document document, TNode node, Diagnostic diagnostic, CancellationToken cancellationToken);
}
