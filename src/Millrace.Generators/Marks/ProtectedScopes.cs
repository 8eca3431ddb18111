using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>
/// The scopes of claims that a call of <c>ProtectClaims</c> in the compilation names with a literal. They are searched
/// when a marked value becomes a claim.
/// </summary>
internal sealed class ProtectedScopes(Compilation compilation, CancellationToken cancellationToken)
{
    private readonly Lazy<HashSet<string>> _names = new(() => Find(compilation, cancellationToken));

    /// <summary>Returns true if a call creates a claim of such a scope.</summary>
    public bool Contain(IInvocationOperation call)
    {
        if (!call.TargetMethod.ContainingType.Is(MetadataNames.Claim))
            return false;
        var argument = call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "scope");
        return argument?.Value.ConstantValue is { HasValue: true, Value: string scope } && _names.Value.Contains(scope);
    }

    private static HashSet<string> Find(Compilation compilation, CancellationToken cancellationToken) =>
        new(
            compilation.SyntaxTrees
                .SelectMany(tree => tree.GetRoot(cancellationToken).DescendantNodes())
                .OfType<InvocationExpressionSyntax>()
                .Where(call => call.Expression is MemberAccessExpressionSyntax
                {
                    Name.Identifier.ValueText: "ProtectClaims",
                })
                .SelectMany(call => call.ArgumentList.Arguments)
                .Select(argument => argument.Expression)
                .OfType<LiteralExpressionSyntax>()
                .Select(literal => literal.Token.ValueText),
            StringComparer.Ordinal);
}
