using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>A function that is written where it is handed on, with what it sees around it.</summary>
/// <param name="Code">The function.</param>
/// <param name="Around">The method it stands in.</param>
internal sealed record FlowFunction(AnonymousFunctionExpressionSyntax Code, FlowFrame Around);
