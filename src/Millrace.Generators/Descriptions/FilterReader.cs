using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>Reads which events a filter asks for, where the code says it in constants.</summary>
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

    /// <summary>The constant texts in an expression, also in the value that a static member of the same assembly begins
    /// with.</summary>
    private IEnumerable<string> Texts(ExpressionSyntax code)
    {
        if (model.GetConstantValue(code) is { HasValue: true, Value: string text })
            return [text];
        if (model.GetSymbolInfo(code).Symbol is not (IFieldSymbol or IPropertySymbol) and not ILocalSymbol)
            return TextsIn(model, code);
        return model.GetSymbolInfo(code).Symbol!.DeclaringSyntaxReferences // It is one of the three.
            .Select(reference => reference.GetSyntax())
            .SelectMany(syntax => TextsIn(model.Compilation.GetSemanticModel(syntax.SyntaxTree), syntax));
    }

    private static IEnumerable<string> TextsIn(SemanticModel model, SyntaxNode code) => code.DescendantNodesAndSelf()
        .OfType<LiteralExpressionSyntax>()
        .Select(literal => model.GetConstantValue(literal).Value)
        .OfType<string>();
}
