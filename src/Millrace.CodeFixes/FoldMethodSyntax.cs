using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;
using Millrace.Shared.Naming;

namespace Millrace.CodeFixes;

/// <summary>Creates methods that fold events, with conventional names.</summary>
internal sealed class FoldMethodSyntax(
    SemanticModel model, TypeDeclarationSyntax type, int position, CancellationToken cancellationToken)
{
    private INamedTypeSymbol? Type => model.GetDeclaredSymbol(type, cancellationToken) as INamedTypeSymbol;

    /// <summary>
    /// Returns an empty <c>When</c> of an aggregate, or an <c>Evolve</c> of a decider that returns the state unchanged.
    /// </summary>
    public string? Evolve(string eventName)
    {
        var eventType = model.Compilation.GetTypeByMetadataName(eventName);
        if (eventType is null || Type is not { } declaringType)
            return null;
        var eventTypeName = ShortName(eventType);
        return declaringType.GetMembers("Initial").FirstOrDefault() is not { } initial
            ? $"private void When({eventTypeName} {ParameterNameOf(eventType)})\n{{\n}}"
            : $"public static {StateOf(initial)} Evolve({StateOf(initial)} state, {eventTypeName} "
                + $"{ParameterNameOf(eventType)}) => state;";
    }

    /// <summary>
    /// Returns the <c>Key</c> for an <c>Apply</c>. It uses the only member of the key's type, if there is exactly one.
    /// </summary>
    public string? Key()
    {
        if (Projection is not { TypeArguments: [var key, _] } || EventAtLocation is not { } eventType)
            return null;
        var name = ParameterNameOf(eventType);
        var members = eventType
            .ReadableProperties()
            .Where(property => SymbolEqualityComparer.Default.Equals(property.Type, key))
            .ToList();
        var value = members is [var only] ? $"{name}.{only.Name}" : "throw new NotImplementedException()";
        return $"public static {ShortName(key)} Key({ShortName(eventType)} {name}) => {value};";
    }

    /// <summary>Returns the <c>Apply</c> for a <c>Key</c>. The <c>Apply</c> returns the document unchanged.</summary>
    public string? Apply() =>
        Projection is { TypeArguments: [_, var document] } && EventAtLocation is { } eventType
            ? $"public static {ShortName(document)}? Apply({ShortName(document)}? document, "
                + $"{ShortName(eventType)} {ParameterNameOf(eventType)}) => document;"
            : null;

    private INamedTypeSymbol? Projection => Type?.Base(MetadataNames.ProjectionBase);

    private ITypeSymbol? EventAtLocation
    {
        get
        {
            var method = type
                .Members.OfType<MethodDeclarationSyntax>()
                .FirstOrDefault(method => method.Span.Contains(position));
            var symbol = method is null ? null : model.GetDeclaredSymbol(method, cancellationToken);
            return symbol
                ?.Parameters.Select(one => one.Type)
                .FirstOrDefault(one => one.Attribute(MetadataNames.Event) is not null);
        }
    }

    private string StateOf(ISymbol initial) => ShortName(initial switch
    {
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => ((IMethodSymbol)initial).ReturnType,
    });

    private string ShortName(ITypeSymbol symbol) =>
        symbol.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToMinimalDisplayString(model, type.SpanStart);

    // A parameter for OrderItemAdded is named added.
    private static string ParameterNameOf(ITypeSymbol eventType) =>
        Casing.Escaped(EventWords.OfType(eventType.Name) is [.., var last] ? last : "e");
}
