using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;
using Millrace.Generators.Analyzers;

namespace Millrace.CodeFixes;

/// <summary>Adds an expectation to a specification, or awaits it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(SpecificationFix)), Shared]
internal sealed class SpecificationFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.ExpectsNothing, DiagnosticIds.SpecificationNotRun];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken) is not { } root)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            var chain = node.FirstAncestorOrSelf<InvocationExpressionSyntax>(call =>
                call.Parent is not MemberAccessExpressionSyntax);
            if (chain is null)
                continue;
            var isNotRun = diagnostic.Id == DiagnosticIds.SpecificationNotRun;
            if (isNotRun && chain.FirstAncestorOrSelf<MethodDeclarationSyntax>() is { } method)
                RegisterFix(context, diagnostic, "Await it", root.ReplaceNode(method, Awaiting(method, chain)));
            else if (!isNotRun && Finding.GetFixTexts(diagnostic) is [var expectation, ..])
                RegisterFix(
                    context,
                    diagnostic,
                    $"Expect {expectation}",
                    root.ReplaceNode(Target(chain), Expecting(chain, expectation)));
        }
    }

    private static void RegisterFix(CodeFixContext context, Diagnostic diagnostic, string title, SyntaxNode changed) =>
        context.RegisterCodeFix(
            CodeAction.Create(title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), diagnostic.Id),
            diagnostic);

    /// <summary>Returns the expression to extend: the whole <c>await</c> expression if the call is awaited.</summary>
    private static ExpressionSyntax Target(InvocationExpressionSyntax call) =>
        call.Parent is AwaitExpressionSyntax awaited ? awaited : call;

    private static InvocationExpressionSyntax Expecting(InvocationExpressionSyntax call, string expectation)
    {
        var target = Target(call);
        var trailing = target.GetTrailingTrivia();
        // An awaited specification is put in parentheses: (await taster.When(…)).ThenPasses().
        var receiver = target is AwaitExpressionSyntax
            ? SyntaxFactory.ParenthesizedExpression(target.WithoutTrivia())
            : target.WithoutTrailingTrivia();
        // The new call starts on a new line if the previous call does.
        var dot = call.Expression is MemberAccessExpressionSyntax member && target == call
            ? member.Expression.GetTrailingTrivia().ToFullString() + member.OperatorToken.LeadingTrivia.ToFullString()
            : "";
        var name = expectation.Substring(0, expectation.IndexOf('('));
        var arguments = SyntaxFactory.ParseArgumentList(expectation.Substring(name.Length));
        var access = SyntaxFactory.MemberAccessExpression(
            SyntaxKind.SimpleMemberAccessExpression,
            receiver.WithTrailingTrivia(SyntaxFactory.ParseTrailingTrivia("")),
            SyntaxFactory.Token(SyntaxKind.DotToken).WithLeadingTrivia(SyntaxFactory.ParseLeadingTrivia(dot)),
            SyntaxFactory.IdentifierName(name));
        return SyntaxFactory.InvocationExpression(access, arguments).WithLeadingTrivia(target.GetLeadingTrivia())
            .WithTrailingTrivia(trailing);
    }

    /// <summary>Returns the method with an awaited call. A synchronous method becomes <c>async Task</c>.</summary>
    private static MethodDeclarationSyntax Awaiting(MethodDeclarationSyntax method, InvocationExpressionSyntax call)
    {
        var awaited = SyntaxFactory.AwaitExpression(
            SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space),
            call.WithoutLeadingTrivia());
        SyntaxNode replaced = call;
        SyntaxNode changed = awaited.WithLeadingTrivia(call.GetLeadingTrivia());
        // A test that returned the specification now awaits it and returns nothing.
        if (call.Parent is ReturnStatementSyntax returnStatement)
            (replaced, changed) = (
                returnStatement, SyntaxFactory.ExpressionStatement(awaited).WithTriviaFrom(returnStatement));
        else if (call.Parent is EqualsValueClauseSyntax { Parent.Parent.Parent: LocalDeclarationStatementSyntax local })
            (replaced, changed) = (local, SyntaxFactory.ExpressionStatement(awaited).WithTriviaFrom(local));
        var result = method.ReplaceNode(replaced, changed);
        if (result.Modifiers.Any(SyntaxKind.AsyncKeyword))
            return result;
        return result
            .WithReturnType(SyntaxFactory.IdentifierName("Task").WithTriviaFrom(result.ReturnType))
            .AddModifiers(SyntaxFactory.Token(SyntaxKind.AsyncKeyword).WithTrailingTrivia(SyntaxFactory.Space));
    }
}
