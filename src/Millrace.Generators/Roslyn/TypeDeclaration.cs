using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators.Roslyn;

/// <summary>A user's type that the generator extends.</summary>
/// <param name="Namespace">The namespace as code; null for the global one.</param>
/// <param name="Outer">The headers of the enclosing types, outermost first.</param>
/// <param name="Header">The header, such as <c>partial class Order</c>.</param>
/// <param name="Name">The name.</param>
/// <param name="FullName">The name as code, starting with <c>global::</c>.</param>
internal sealed record TypeDeclaration(
    string? Namespace, EquatableArray<string> Outer, string Header, string Name, string FullName)
{
    private static readonly SymbolDisplayFormat NamespaceFormat = new(
        typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>Gets the name as code.</summary>
    public string Identifier => Casing.EscapedType(Name);

    /// <summary>
    /// Gets the names that the model's generated members cannot have, because members of the user's part have these
    /// names.
    /// </summary>
    public EquatableArray<string> ExistingNames { get; init; }

    /// <summary>
    /// Gets the keys of a model's parts whose readable names are not unique. The names of these parts also contain a
    /// digest.
    /// </summary>
    public EquatableArray<string> Clashes { get; init; }

    public static TypeDeclaration Of(INamedTypeSymbol type)
    {
        var outer = new Stack<string>();
        for (var enclosing = type.ContainingType; enclosing is not null; enclosing = enclosing.ContainingType)
            outer.Push(HeaderOf(enclosing));
        var name = type.ContainingNamespace.IsGlobalNamespace ? null
            : Casing.EscapedPath("." + type.ContainingNamespace.ToDisplayString(NamespaceFormat)).Substring(1);
        return new(name, outer.ToEquatable(), HeaderOf(type), type.Name, type.FullName());
    }

    /// <summary>Returns the name of the generated file for a concern.</summary>
    /// <param name="concern">The content of the file, such as <c>Evolve</c>.</param>
    /// <param name="shared">The types whose files would have the same name as the file of another type. See
    /// <see cref="HintNames.Shared"/>.</param>
    public string FileName(string concern, EquatableArray<string> shared) =>
        $"{HintNames.Of(FullName, shared)}.{concern}.g.cs";

    /// <summary>Returns true if the type and all enclosing types are partial.</summary>
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
