using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Flows;

/// <summary>A lambda expression and the scope that contains it.</summary>
/// <param name="Code">The syntax of the lambda expression.</param>
/// <param name="Scope">The scope that contains it, with the values of its variables.</param>
internal sealed record FlowFunction(AnonymousFunctionExpressionSyntax Code, FlowFrame Scope);
