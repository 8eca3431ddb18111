using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace Millrace.CodeFixes;

/// <summary>A code fix that changes a node at the diagnostic, with support for "fix all".</summary>
/// <typeparam name="TNode">The type of the node. The fix changes the nearest node of this type.</typeparam>
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

    /// <summary>Returns the title for the editor, or null if there is no fix.</summary>
    protected abstract string? Title(TNode node, Diagnostic diagnostic);

    /// <summary>Returns the corrected document.</summary>
    protected abstract Task<Document> Fix(
        Document document, TNode node, Diagnostic diagnostic, CancellationToken cancellationToken);
}
