using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators;

namespace Millrace.CodeFixes;

/// <summary>Writes methods that fold events, with the names that are usual.</summary>
internal sealed class FoldMethodSyntax(
    SemanticModel model, TypeDeclarationSyntax type, int place, CancellationToken cancellationToken)
{
    private INamedTypeSymbol? Type => model.GetDeclaredSymbol(type, cancellationToken) as INamedTypeSymbol;

    /// <summary>A <c>When</c> of an aggregate, or an <c>Evolve</c> of a decider, that does nothing yet.</summary>
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

    /// <summary>The <c>Key</c> for the <c>Apply</c> at the place; by the only member of the key's type, if there is
    /// one.</summary>
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

    /// <summary>The <c>Apply</c> for the <c>Key</c> at the place, which leaves the document as it is.</summary>
    public string? Apply() =>
        Projection is { TypeArguments: [_, var document] } && EventAtLocation is { } taken
            ? $"public static {Short(document)}? Apply({Short(document)}? document, {Short(taken)} {NameOf(taken)}) "
                + "=> document;"
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

    // OrderItemAdded is called added.
    private static string NameOf(ITypeSymbol taken) =>
        Casing.Escaped(EventWords.OfType(taken.Name) is [.., var last] ? last : "e");
}
