using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>
/// Finds types that hide what generated code uses: in the global namespace a namespace in which it finds its types, and
/// everywhere the word for a type that the compiler infers.
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
