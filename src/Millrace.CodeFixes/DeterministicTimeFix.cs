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
/// handler,
/// the event's time, or the recorded time of a projection's event.
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
            var found =
                root?.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) as ExpressionSyntax;
            var method = found?.FirstAncestorOrSelf<MethodDeclarationSyntax>();
            if (root is null || model is null || found is null || method is null)
                continue;
            var time = DeterministicTimeSource.Find(model, method, context.CancellationToken);
            if (time?.Instead(found.ToString()) is not { } instead)
                continue;
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Use '{instead}'",
                    _ =>
                        Task.FromResult(
                            context.Document.WithSyntaxRoot(ReplaceClock(root, method, found, instead, time))),
                    diagnostic.Id + time.Code),
                diagnostic);
        }
    }

    private static SyntaxNode ReplaceClock(
        SyntaxNode root,
        MethodDeclarationSyntax method,
        ExpressionSyntax found,
        string instead,
        DeterministicTimeSource time)
    {
        var corrected = method.ReplaceNode(found, SyntaxFactory.ParseExpression(instead).WithTriviaFrom(found));
        return root.ReplaceNode(
            method, time.NewParameter is { } parameter ? Parameters.With(corrected, parameter) : corrected);
    }
}
