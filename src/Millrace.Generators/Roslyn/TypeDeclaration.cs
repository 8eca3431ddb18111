using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>A type of the user that the generator adds a part to.</summary>
/// <param name="Namespace">Its namespace; null for the global one.</param>
/// <param name="Outer">The headers of the types around it, from the outside.</param>
/// <param name="Header">Its own header, such as <c>partial class Order</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="FullName">Its name from <c>global::</c> on.</param>
internal sealed record TypeDeclaration(string? Namespace, EquatableArray<string> Outer, string Header, string Name, string FullName)
{
    public static TypeDeclaration Of(INamedTypeSymbol type)
    {
        var outer = new Stack<string>();
        for (var around = type.ContainingType; around is not null; around = around.ContainingType)
            outer.Push(HeaderOf(around));
        var name = type.ContainingNamespace.IsGlobalNamespace ? null : type.ContainingNamespace.ToDisplayString();
        return new(name, outer.ToEquatable(), HeaderOf(type), type.Name, type.FullName());
    }

    /// <summary>The name of the file that the part of <paramref name="concern"/> goes to.</summary>
    public string FileName(string concern) =>
        $"{FullName.Replace("global::", "").Replace('<', '_').Replace('>', '_').Replace(',', '_').Replace(" ", "")}.{concern}.g.cs";

    /// <summary>Whether the type and all around it are partial.</summary>
    public static bool IsPartial(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            var syntax = current.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).OfType<TypeDeclarationSyntax>();
            if (!syntax.Any(declaration => declaration.Modifiers.Any(modifier => modifier.Text == "partial")))
                return false;
        }
        return true;
    }

    private static string HeaderOf(INamedTypeSymbol type)
    {
        var kind = (type.IsRecord, type.IsValueType) switch
        {
            (true, true) => "record struct",
            (true, false) => "record",
            (false, true) => "struct",
            _ => type.TypeKind == TypeKind.Interface ? "interface" : "class",
        };
        return $"partial {kind} {type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}";
    }
}
