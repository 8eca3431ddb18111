using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Cancellation;

namespace Millrace.CodeFixes;

/// <summary>
/// Passes an available cancellation token to a call, or adds a token to a handler and passes it to all its calls.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(PassCancellationTokenFix)), Shared]
internal sealed class PassCancellationTokenFix : CodeFixProvider
{
    private const string Token = "cancellationToken";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.TokenNotPassed, DiagnosticIds.NoToken];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken);
        if (root is null || model is null || ModelTypes.Find(model.Compilation) is not { } types)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            SyntaxNode? changed = null;
            if (diagnostic.Id == DiagnosticIds.NoToken
                && node.FirstAncestorOrSelf<MethodDeclarationSyntax>() is { } method)
                changed = root.ReplaceNode(method, WithTokenParameter(model, method, types));
            else if (node.FirstAncestorOrSelf<InvocationExpressionSyntax>() is { } call
                && Finding.GetFixTexts(diagnostic) is [var token, ..])
                changed = root.ReplaceNode(call, PassToken(model, call, call, token, types));
            if (changed is null)
                continue;
            var title =
                diagnostic.Id == DiagnosticIds.NoToken ? "Add a cancellation token" : "Pass the cancellation token";
            context.RegisterCodeFix(
                CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), diagnostic.Id),
                diagnostic);
        }
    }

    private static MethodDeclarationSyntax WithTokenParameter(
        SemanticModel model, MethodDeclarationSyntax method, ModelTypes types)
    {
        var calls = method
            .DescendantNodes()
            .OfType<InvocationExpressionSyntax>()
            .Where(call => Find(model, call, types) is not null);
        var withTokens = method.ReplaceNodes(
            calls, (original, changed) => PassToken(model, original, changed, Token, types));
        return Parameters.With(withTokens, Parameters.Of("CancellationToken", Token));
    }

    private static InvocationExpressionSyntax PassToken(
        SemanticModel model,
        InvocationExpressionSyntax original,
        InvocationExpressionSyntax changed,
        string token,
        ModelTypes types)
    {
        if (Find(model, original, types) is not { } found)
            return changed;
        if (found.Argument?.Syntax is ArgumentSyntax tokenArgument)
        {
            var index = original.ArgumentList.Arguments.IndexOf(tokenArgument);
            var replacement = changed.ArgumentList.Arguments[index].WithExpression(SyntaxFactory.IdentifierName(token));
            return changed.WithArgumentList(changed.ArgumentList.WithArguments(
                changed.ArgumentList.Arguments.Replace(changed.ArgumentList.Arguments[index], replacement)));
        }
        var earlierParameterCount =
            found.Parameter.Ordinal
            - (found.Parameter.ContainingSymbol is IMethodSymbol { IsExtensionMethod: true } ? 1 : 0);
        var isInOrder =
            original.ArgumentList.Arguments.Count == earlierParameterCount
            && original.ArgumentList.Arguments.All(argument => argument.NameColon is null);
        return TokenArgument.AddTo(changed, token, found.Parameter.Name, isNamed: !isInOrder);
    }

    private static CancellableCall? Find(SemanticModel model, InvocationExpressionSyntax call, ModelTypes types) =>
        model.GetOperation(call) is IInvocationOperation operation
            ? CancellableCall.Find(operation, types, includeNeverCancelled: true)
            : null;
}
