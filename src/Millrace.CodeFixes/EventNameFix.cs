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

/// <summary>Changes the stored name of an event as proposed, or accepts the existing name with a reason.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(EventNameFix)), Shared]
internal sealed class EventNameFix : CodeFixProvider
{
    private const string Reason = "NameReason";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [
            DiagnosticIds.EventStoredTense,
            DiagnosticIds.EventTechnicalWord,
            DiagnosticIds.EventDomainTerm,
            DiagnosticIds.EventNamesAgree,
            DiagnosticIds.EventNameForm,
            DiagnosticIds.EventNameConsistent,
            DiagnosticIds.EventNameReason,
        ];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken) is not { } root)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var found = root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<AttributeSyntax>();
            if (found is not { ArgumentList.Arguments: [{ NameEquals: null } name, ..] } attribute)
                continue; // The diagnostic is about the type's name, which another fix changes.
            foreach (var instead in Finding.GetFixTexts(diagnostic))
                RegisterFix(
                    $"Store it as '{instead}' (only if no event is stored yet)",
                    instead,
                    () => root.ReplaceNode(name.Expression, Text(instead)));
            if (diagnostic.Id is DiagnosticIds.EventNameReason)
                RegisterFix(
                    "Remove the empty reason", Reason, () => root.ReplaceNode(attribute, WithoutReason(attribute)));
            else
                RegisterFix(
                    "Keep the name, and add a reason",
                    Reason,
                    () => root.ReplaceNode(attribute, WithReason(attribute, name)));

            void RegisterFix(string title, string key, Func<SyntaxNode> change) =>
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title,
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(change())),
                        $"{diagnostic.Id} {key}"),
                    diagnostic);
        }
    }

    private static AttributeSyntax WithReason(AttributeSyntax attribute, AttributeArgumentSyntax name)
    {
        var reasonArgument = SyntaxFactory
            .AttributeArgument(Text($"{name.Expression.ToString().Trim('"')} is what others call it already"))
            .WithNameEquals(SyntaxFactory.NameEquals(SyntaxFactory.IdentifierName(Reason)).NormalizeWhitespace());
        var list = attribute.ArgumentList!; // The attribute has a name argument.
        var comma = SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space);
        var items = list.Arguments.GetWithSeparators().Add(comma).Add(reasonArgument.WithLeadingTrivia());
        return attribute.WithArgumentList(
            list.WithArguments(SyntaxFactory.SeparatedList<AttributeArgumentSyntax>(items)));
    }

    private static AttributeSyntax WithoutReason(AttributeSyntax attribute)
    {
        var list = attribute.ArgumentList!; // The attribute has a name argument.
        var reason = list.Arguments.First(argument => argument.NameEquals?.Name.Identifier.Text == Reason);
        return attribute.WithArgumentList(list.WithArguments(list.Arguments.Remove(reason)));
    }

    private static LiteralExpressionSyntax Text(string text) =>
        SyntaxFactory.LiteralExpression(SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(text));
}
