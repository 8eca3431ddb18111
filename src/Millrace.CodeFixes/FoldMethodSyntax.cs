using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.CodeFixes;

/// <summary>Creates methods that fold events, with conventional names.</summary>
internal sealed class FoldMethodSyntax(
    SemanticModel model, TypeDeclarationSyntax type, int place, CancellationToken cancellationToken)
{
    private INamedTypeSymbol? Type => model.GetDeclaredSymbol(type, cancellationToken) as INamedTypeSymbol;

    /// <summary>
    /// Returns an empty <c>When</c> of an aggregate, or an <c>Evolve</c> of a decider that returns the state unchanged.
    /// </summary>
    public string? Evolve(string eventName)
    {
        var taken = model.Compilation.GetTypeByMetadataName(eventName);
        if (taken is null || Type is not { } of)
            return null;
        var named = Short(taken);
        return of.GetMembers("Initial").FirstOrDefault() is not { } initial
            ? $"private void When({named} {NameOf(taken)})\n{{\n}}"
            : $"public static {StateOf(initial)} Evolve({StateOf(initial)} state, {named} {NameOf(taken)}) => state;";
    }

    /// <summary>
    /// Returns the <c>Key</c> for an <c>Apply</c>. It uses the only member of the key's type, if there is exactly one.
    /// </summary>
    public string? Key()
    {
        if (Projection is not { TypeArguments: [var key, _] } || EventAtLocation is not { } taken)
            return null;
        var name = NameOf(taken);
        var members = taken
            .ReadableProperties()
            .Where(property => SymbolEqualityComparer.Default.Equals(property.Type, key))
            .ToList();
        var value = members is [var only] ? $"{name}.{only.Name}" : "throw new NotImplementedException()";
        return $"public static {Short(key)} Key({Short(taken)} {name}) => {value};";
    }

    /// <summary>Returns the <c>Apply</c> for a <c>Key</c>, which returns the document unchanged.</summary>
    public string? Apply() =>
        Projection is { TypeArguments: [_, var document] } && EventAtLocation is { } taken
            ? $"public static {Short(document)}? Apply({Short(document)}? document, {Short(taken)} {NameOf(taken)}) => "
                + "document;"
            : null;

    private INamedTypeSymbol? Projection => Type?.Base(MetadataNames.ProjectionBase);

    private ITypeSymbol? EventAtLocation
    {
        get
        {
            var method = type
                .Members.OfType<MethodDeclarationSyntax>()
                .FirstOrDefault(method => method.Span.Contains(place));
            var symbol = method is null ? null : model.GetDeclaredSymbol(method, cancellationToken);
            return symbol
                ?.Parameters.Select(one => one.Type)
                .FirstOrDefault(one => one.Attribute(MetadataNames.Event) is not null);
        }
    }

    private string StateOf(ISymbol initial) => Short(initial switch
    {
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => ((IMethodSymbol)initial).ReturnType,
    });

    private string Short(ITypeSymbol symbol) =>
        symbol.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToMinimalDisplayString(model, type.SpanStart);

    // A parameter for OrderItemAdded is named added.
    private static string NameOf(ITypeSymbol taken) =>
        Casing.Escaped(EventWords.OfType(taken.Name) is [.., var last] ? last : "e");
}
