using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Descriptions;

/// <summary>Reads which event types and streams a filter selects, if the code names them in constants.</summary>
internal sealed class FilterReader(SemanticModel model)
{
    public (IReadOnlyList<string> Types, string? Streams) Read(ExpressionSyntax filter)
    {
        var types = new List<string>();
        string? streams = null;
        foreach (var call in filter.DescendantNodesAndSelf().OfType<InvocationExpressionSyntax>())
        {
            var name = (call.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.ValueText;
            if (name == "OfTypes")
                types.AddRange(call.ArgumentList.Arguments.SelectMany(argument => Texts(argument.Expression)));
            else if (name == "InStreams" && call.ArgumentList.Arguments is [var prefix])
                streams = Texts(prefix.Expression).FirstOrDefault();
        }
        return (types, streams);
    }

    /// <summary>
    /// Returns the constant strings in an expression, including the initial values of static members of the same
    /// assembly.
    /// </summary>
    private IEnumerable<string> Texts(ExpressionSyntax code)
    {
        if (model.GetConstantValue(code) is { HasValue: true, Value: string text })
            return [text];
        if (model.GetSymbolInfo(code).Symbol is not (IFieldSymbol or IPropertySymbol) and not ILocalSymbol)
            return TextsIn(model, code);
        return model.GetSymbolInfo(code).Symbol!.DeclaringSyntaxReferences // Field, property or local.
            .Select(reference => reference.GetSyntax())
            .SelectMany(syntax => TextsIn(model.Compilation.GetSemanticModel(syntax.SyntaxTree), syntax));
    }

    private static IEnumerable<string> TextsIn(SemanticModel model, SyntaxNode code) => code.DescendantNodesAndSelf()
        .OfType<LiteralExpressionSyntax>()
        .Select(literal => model.GetConstantValue(literal).Value)
        .OfType<string>();
}
