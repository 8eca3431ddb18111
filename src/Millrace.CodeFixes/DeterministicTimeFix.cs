using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>
/// Replaces a clock by a deterministic source of the time: an available <c>TimeProvider</c>, a new parameter of a
/// handler, a time in the event, or the time at which the event was recorded.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DeterministicTimeFix)), Shared]
internal sealed class DeterministicTimeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.Nondeterminism];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken);
        foreach (var diagnostic in context.Diagnostics)
        {
            var clock =
                root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) as ExpressionSyntax;
            var method = clock?.FirstAncestorOrSelf<MethodDeclarationSyntax>();
            if (root is null || model is null || clock is null || method is null)
                continue;
            var source = DeterministicTimeSource.Find(model, method, context.CancellationToken);
            if (source?.ReplacementFor(clock.ToString()) is not { } replacement)
                continue;
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Use '{replacement}'",
                    _ =>
                        Task.FromResult(
                            context.Document.WithSyntaxRoot(ReplaceClock(root, method, clock, replacement, source))),
                    diagnostic.Id + source.Code),
                diagnostic);
        }
    }

    private static SyntaxNode ReplaceClock(
        SyntaxNode root,
        MethodDeclarationSyntax method,
        ExpressionSyntax clock,
        string replacement,
        DeterministicTimeSource source)
    {
        var corrected = method.ReplaceNode(clock, SyntaxFactory.ParseExpression(replacement).WithTriviaFrom(clock));
        return root.ReplaceNode(
            method, source.NewParameter is { } parameter ? Parameters.With(corrected, parameter) : corrected);
    }
}
