using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>
/// Finds what a handler begins and lets go, where the compiler says nothing: its own warning is for methods that are
/// <c>async</c>.
/// </summary>
internal static class UnawaitedTaskFinder
{
    public static IReadOnlyList<ExpressionSyntax> In(
        SemanticModel code, MethodDeclarationSyntax syntax, IMethodSymbol method)
    {
        if (method.IsAsync)
            return [];
        var begun = syntax.Body is { } body ? Statements(body)
            : syntax.ExpressionBody is { } arrow && method.ReturnsVoid ? [arrow.Expression]
            : [];
        return
        [
            .. begun.Where(expression =>
                expression is InvocationExpressionSyntax && IsTask(code.GetTypeInfo(expression).Type)),
        ];
    }

    /// <summary>The expressions that are statements of their own; those of functions within it are somebody
    /// else's.</summary>
    private static IEnumerable<ExpressionSyntax> Statements(BlockSyntax body) => body
        .DescendantNodes(static node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax))
        .OfType<ExpressionStatementSyntax>()
        .Select(statement => statement.Expression);

    private static bool IsTask(ITypeSymbol? type) =>
        type.Is(MetadataNames.Task)
        || type.Is(MetadataNames.TaskOf)
        || type.Is(MetadataNames.ValueTask)
        || type.Is(MetadataNames.ValueTaskOf);
}
