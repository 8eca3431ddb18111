using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.PartialTypes;

/// <summary>
/// Finds types that hide names in generated code. A type in the global namespace can hide a namespace. A type in any
/// namespace can hide a contextual keyword such as <c>var</c>.
/// </summary>
internal static class ShadowParser
{
    public static bool MayBe(SyntaxNode node) => NameOf(node) switch
    {
        "var" => true,
        "System" or "Millrace" or "Microsoft" => node.Parent is CompilationUnitSyntax,
        _ => false,
    };

    public static DiagnosticInfo? Parse(GeneratorSyntaxContext context, CancellationToken cancellationToken) =>
        context.SemanticModel.GetDeclaredSymbol(context.Node, cancellationToken)
            is INamedTypeSymbol { Arity: 0, IsFileLocal: false } type
            ? DiagnosticInfo.At(GenerationDiagnostics.NameHidden, type, type.Name)
            : null;

    private static string? NameOf(SyntaxNode node) => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
        DelegateDeclarationSyntax type => type.Identifier.ValueText,
        _ => null,
    };
}
