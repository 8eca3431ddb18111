using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.CodeFixes;

/// <summary>Passes a cancellation token to a call.</summary>
internal static class TokenArgument
{
    /// <summary>
    /// Returns the call with the token as its last argument. The argument is named if an earlier argument is omitted.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="token">The token's name.</param>
    /// <param name="parameter">The name of the parameter that accepts the token.</param>
    /// <param name="isNamed">True to write the parameter's name before the argument.</param>
    public static InvocationExpressionSyntax AddTo(
        InvocationExpressionSyntax call, string token, string parameter, bool isNamed)
    {
        var argument = SyntaxFactory.Argument(SyntaxFactory.IdentifierName(token));
        if (isNamed)
        {
            var colon = SyntaxFactory.NameColon(parameter).WithTrailingTrivia(SyntaxFactory.Space);
            argument = argument.WithNameColon(colon);
        }
        var items = call.ArgumentList.Arguments.GetWithSeparators();
        if (items.Count > 0)
            items = items.Add(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space));
        return call.WithArgumentList(
            call.ArgumentList.WithArguments(SyntaxFactory.SeparatedList<ArgumentSyntax>(items.Add(argument))));
    }
}
