using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>
/// Finds tasks that a handler starts and does not await. The compiler warns about such tasks only in <c>async</c>
/// methods.
/// </summary>
internal static class UnawaitedTaskFinder
{
    public static IReadOnlyList<ExpressionSyntax> In(
        SemanticModel model, MethodDeclarationSyntax syntax, IMethodSymbol method)
    {
        if (method.IsAsync)
            return [];
        var expressions = syntax.Body is { } body ? Statements(body)
            : syntax.ExpressionBody is { } arrow && method.ReturnsVoid ? [arrow.Expression]
            : [];
        return
        [
            .. expressions.Where(expression =>
                expression is InvocationExpressionSyntax && IsTask(model.GetTypeInfo(expression).Type)),
        ];
    }

    /// <summary>Returns the expression statements of a body, except those of nested functions.</summary>
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
