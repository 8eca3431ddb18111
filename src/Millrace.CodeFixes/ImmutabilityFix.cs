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
/// Makes an event immutable. It changes setters to <c>init</c>, structs to readonly structs, fields to properties, and
/// classes to records.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ImmutabilityFix)), Shared]
internal sealed class ImmutabilityFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds =>
        [DiagnosticIds.EventMutable, DiagnosticIds.EventNoRecord];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken) is not { } root)
            return;
        foreach (var diagnostic in context.Diagnostics)
        {
            var member = root.FindNode(diagnostic.Location.SourceSpan).FirstAncestorOrSelf<MemberDeclarationSyntax>();
            (string, MemberDeclarationSyntax?) offer = member switch
            {
                PropertyDeclarationSyntax property => ("Write 'init'", WithInit(property)),
                FieldDeclarationSyntax { Declaration.Variables.Count: 1 } field when IsPrivate(field) => (
                    "Make it readonly", WithModifier(field, SyntaxKind.ReadOnlyKeyword)),
                FieldDeclarationSyntax { Declaration.Variables.Count: 1 } field => (
                    "Make it a property", PropertyOf(field)),
                ClassDeclarationSyntax type => ("Make it a record", RecordOf(type)),
                TypeDeclarationSyntax type => ("Make it readonly", WithModifier(type, SyntaxKind.ReadOnlyKeyword)),
                _ => ("", null),
            };
            var (title, corrected) = offer;
            if (member is not null && corrected is not null)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        title,
                        _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(member, corrected))),
                        diagnostic.Id + title),
                    diagnostic);
            }
        }
    }

    private static PropertyDeclarationSyntax WithInit(PropertyDeclarationSyntax property)
    {
        // A settable property has a set accessor.
        var setter = property.AccessorList!.Accessors.First(accessor =>
            accessor.IsKind(SyntaxKind.SetAccessorDeclaration));
        var init = SyntaxFactory.AccessorDeclaration(
            SyntaxKind.InitAccessorDeclaration,
            setter.AttributeLists,
            setter.Modifiers,
            SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(setter.Keyword),
            setter.Body,
            setter.ExpressionBody,
            setter.SemicolonToken);
        return property.ReplaceNode(setter, init);
    }

    private static PropertyDeclarationSyntax PropertyOf(FieldDeclarationSyntax field)
    {
        var declared = field.Declaration.Variables[0];
        var modifiers = field.Modifiers.Where(modifier => !modifier.IsKind(SyntaxKind.ReadOnlyKeyword));
        var accessors = SyntaxFactory.AccessorList(
            SyntaxFactory.List([
                SyntaxFactory.AccessorDeclaration(SyntaxKind.GetAccessorDeclaration).WithSemicolonToken(Semicolon),
                SyntaxFactory.AccessorDeclaration(SyntaxKind.InitAccessorDeclaration).WithSemicolonToken(Semicolon),
            ])
        );
        var property = SyntaxFactory
            .PropertyDeclaration(field.Declaration.Type.WithoutTrivia(), declared.Identifier.WithoutTrivia())
            .WithAttributeLists(field.AttributeLists)
            .WithModifiers(SyntaxFactory.TokenList(modifiers))
            .WithAccessorList(accessors);
        if (declared.Initializer is { } value)
            property = property.WithInitializer(value).WithSemicolonToken(Semicolon);
        return property.NormalizeWhitespace(eol: " ", indentation: "").WithTriviaFrom(field);
    }

    private static RecordDeclarationSyntax RecordOf(ClassDeclarationSyntax type) => SyntaxFactory.RecordDeclaration(
        SyntaxKind.RecordDeclaration,
        type.AttributeLists,
        type.Modifiers,
        SyntaxFactory.Token(SyntaxKind.RecordKeyword).WithTriviaFrom(type.Keyword),
        default,
        type.Identifier,
        type.TypeParameterList,
        type.ParameterList,
        type.BaseList,
        type.ConstraintClauses,
        type.OpenBraceToken,
        type.Members,
        type.CloseBraceToken,
        type.SemicolonToken);

    private static MemberDeclarationSyntax WithModifier(MemberDeclarationSyntax member, SyntaxKind kind)
    {
        var before = member.Modifiers.TakeWhile(modifier => !modifier.IsKind(SyntaxKind.PartialKeyword)).ToList();
        var added = SyntaxFactory.Token(kind).WithTrailingTrivia(SyntaxFactory.Space);
        return member.WithModifiers(
            SyntaxFactory.TokenList([.. before, added, .. member.Modifiers.Skip(before.Count)]));
    }

    private static bool IsPrivate(FieldDeclarationSyntax field) => !field.Modifiers.Any(modifier =>
        modifier.Kind() is SyntaxKind.PublicKeyword or SyntaxKind.InternalKeyword or SyntaxKind.ProtectedKeyword);

    private static SyntaxToken Semicolon => SyntaxFactory.Token(SyntaxKind.SemicolonToken);
}
