using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;
using Millrace.Generators;
using Millrace.Generators.Analyzers;

namespace Millrace.CodeFixes;

/// <summary>Changes the type of a member as proposed.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MemberTypeFix)), Shared]
internal sealed class MemberTypeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [
            DiagnosticIds.EventCollectionMutable,
            DiagnosticIds.RawId,
            DiagnosticIds.InexactMoney,
            DiagnosticIds.LocalTime,
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
            if (root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<TypeSyntax>() is not { } type)
                continue;
            foreach (var typeName in Finding.GetFixTexts(diagnostic))
            {
                var title = $"Use '{typeName}'";
                var changed = root.ReplaceNode(type, WithTypeName(type, typeName).WithTriviaFrom(type));
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)), diagnostic.Id + title),
                    diagnostic);
            }
        }
    }

    private static TypeSyntax WithTypeName(TypeSyntax type, string typeName) =>
        type switch
        {
            NullableTypeSyntax nullable => SyntaxFactory.NullableType(WithTypeName(nullable.ElementType, typeName)),
            ArrayTypeSyntax array => Collection(
                typeName, SyntaxFactory.TypeArgumentList([array.ElementType.WithoutTrivia()])),
            QualifiedNameSyntax { Right: GenericNameSyntax list } => Collection(typeName, list.TypeArgumentList),
            GenericNameSyntax list => Collection(typeName, list.TypeArgumentList),
            _ => SyntaxFactory.ParseTypeName(typeName).WithAdditionalAnnotations(Simplifier.Annotation),
        };

    private static QualifiedNameSyntax Collection(string name, TypeArgumentListSyntax typeArguments) =>
        SyntaxFactory
            .QualifiedName(
                SyntaxFactory.ParseName("System.Collections.Generic"),
                SyntaxFactory.GenericName(SyntaxFactory.Identifier(name), typeArguments))
            .WithAdditionalAnnotations(Simplifier.Annotation);
}
