using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Handlers;

/// <summary>Parses the calls of <c>Request</c> that set the destination of a command or a query.</summary>
internal static class RequestParser
{
    private const string Method = "Request";

    public static bool MayBe(SyntaxNode node) =>
        node is InvocationExpressionSyntax
        {
            Expression: MemberAccessExpressionSyntax
            {
                Name: GenericNameSyntax { Identifier.ValueText: Method, TypeArgumentList.Arguments.Count: 1 },
            },
        };

    public static RequestModel? Parse(GeneratorSyntaxContext context, CancellationToken cancellationToken)
    {
        var symbol = context.SemanticModel.GetSymbolInfo(context.Node, cancellationToken).Symbol;
        var compilation = context.SemanticModel.Compilation;
        if (symbol is not IMethodSymbol { Name: Method, TypeArguments: [INamedTypeSymbol message] } method
            || !method.ContainingType.Is(MetadataNames.TransportBuilder)
            || !message.IsReachable(compilation))
            return null;
        var request = message.Interface(MetadataNames.Command) ?? message.Interface(MetadataNames.Query);
        return request is { TypeArguments: [var result] } && result.IsReachable(compilation)
            ? new(
                message.FullName(),
                result.FullName(),
                JsonParser.Parse(compilation, message, message),
                JsonParser.Parse(compilation, message, result))
            : null;
    }
}
