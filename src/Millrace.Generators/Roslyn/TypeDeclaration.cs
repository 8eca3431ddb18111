using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>A type of the user that the generator adds a part to.</summary>
/// <param name="Namespace">Its namespace as code; null for the global one.</param>
/// <param name="Outer">The headers of the types around it, from the outside.</param>
/// <param name="Header">Its own header, such as <c>partial class Order</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="FullName">Its name as code, from <c>global::</c> on.</param>
internal sealed record TypeDeclaration(
    string? Namespace, EquatableArray<string> Outer, string Header, string Name, string FullName)
{
    private static readonly SymbolDisplayFormat NamespaceFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>Its name as code.</summary>
    public string Identifier => Casing.EscapedType(Name);

    /// <summary>Names that a model's generated members may not have, because the user's part has them.</summary>
    public EquatableArray<string> Taken { get; init; }

    /// <summary>What in a model has a readable name that something else has as well: it gets a digest too.</summary>
    public EquatableArray<string> Clashes { get; init; }

    public static TypeDeclaration Of(INamedTypeSymbol type)
    {
        var outer = new Stack<string>();
        for (var around = type.ContainingType; around is not null; around = around.ContainingType)
            outer.Push(HeaderOf(around));
        var name = type.ContainingNamespace.IsGlobalNamespace ? null
            : Casing.EscapedPath("." + type.ContainingNamespace.ToDisplayString(NamespaceFormat)).Substring(1);
        return new(name, outer.ToEquatable(), HeaderOf(type), type.Name, type.FullName());
    }

    /// <summary>The name of the file that the part of <paramref name="concern"/> goes to.</summary>
    /// <param name="concern">What is in the part.</param>
    /// <param name="shared">The types whose files would have the name of another's: see
    /// <see cref="HintNames.Shared"/>.</param>
    public string FileName(string concern, EquatableArray<string> shared) =>
        $"{HintNames.Of(FullName, shared)}.{concern}.g.cs";

    /// <summary>Whether the type and all around it are partial.</summary>
    public static bool IsPartial(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            var syntax = current
                .DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
                .OfType<TypeDeclarationSyntax>();
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
        var names = type.TypeParameters.Select(parameter => Casing.EscapedType(parameter.Name)).ToList();
        var parameters = names.Count == 0 ? "" : $"<{string.Join(", ", names)}>";
        return $"partial {kind} {Casing.EscapedType(type.Name)}{parameters}";
    }
}
