using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;
using Millrace.Generators.Roslyn;

namespace Millrace.CodeFixes;

/// <summary>Adds a member to a command: the id of the aggregate that the command's handler receives.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(IdMemberFix)), Shared]
internal sealed class IdMemberFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => [DiagnosticIds.NoIdMember];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken);
        var model = await context.Document.GetSemanticModelAsync(context.CancellationToken);
        foreach (var diagnostic in context.Diagnostics)
        {
            var syntax = root?.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<ParameterSyntax>();
            var parameter = syntax is null ? null : model?.GetDeclaredSymbol(syntax, context.CancellationToken);
            if (syntax is null || model is null || parameter is not { ContainingSymbol: IMethodSymbol method }
                || parameter.Type.Base(MetadataNames.Aggregate) is not { TypeArguments: [var id] }
                || await Declaration(method.Parameters[0].Type, context.CancellationToken)
                    is not { ParameterList: { } members } command
                || context.Document.Project.GetDocument(command.SyntaxTree) is not { } document)
            {
                continue;
            }
            var member = Parameters.Of(id.ToMinimalDisplayString(model, syntax.SpanStart), NameOf(id, parameter.Type));
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Add '{member}' to '{command.Identifier.Text}'",
                    cancellation => Add(document, members, member, cancellation),
                    diagnostic.Id),
                diagnostic);
        }
    }

    private static async Task<RecordDeclarationSyntax?> Declaration(
        ITypeSymbol command, CancellationToken cancellationToken) =>
        command.DeclaringSyntaxReferences.FirstOrDefault() is { } reference
            ? await reference.GetSyntaxAsync(cancellationToken) as RecordDeclarationSyntax
            : null;

    // Inserts the id as the first member.
    private static async Task<Document> Add(
        Document document, ParameterListSyntax members, ParameterSyntax member, CancellationToken cancellationToken)
    {
        var items = members.Parameters.GetWithSeparators();
        if (items.Count > 0)
            items = items.Insert(0, SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space));
        var parameters = SyntaxFactory.SeparatedList<ParameterSyntax>(items.Insert(0, member));
        var root = await document.GetSyntaxRootAsync(cancellationToken);
        // The record was found in this document.
        return document.WithSyntaxRoot(root!.ReplaceNode(members, members.WithParameters(parameters)));
    }

    private static string NameOf(ITypeSymbol id, ITypeSymbol aggregate) =>
        id.Name.Length > 2 && id.Name.EndsWith("Id", StringComparison.Ordinal)
            ? id.Name.Substring(0, id.Name.Length - 2)
            : aggregate.Name;
}
