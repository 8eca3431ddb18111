using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>A lambda with its enclosing scope.</summary>
/// <param name="Code">The function.</param>
/// <param name="Around">The enclosing method.</param>
internal sealed record FlowFunction(AnonymousFunctionExpressionSyntax Code, FlowFrame Around);
