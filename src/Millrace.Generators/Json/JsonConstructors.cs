using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Selects the constructor for reading a type.</summary>
internal static class JsonConstructors
{
    /// <summary>
    /// Returns the constructor marked <c>[JsonConstructor]</c>. If there is none, selects a constructor whose
    /// parameters all match members. It prefers public constructors, and then constructors with more parameters.
    /// </summary>
    public static IMethodSymbol? Choose(INamedTypeSymbol type, Compilation compilation)
    {
        if (WithAttribute(type) is { } selected)
            return selected;
        var properties = type.ReadableProperties().ToList();
        return type
            .InstanceConstructors.Where(constructor =>
                constructor.IsReachable(compilation) && !constructor.IsForbidden() && !IsCopy(constructor))
            .Where(constructor =>
                constructor.Parameters.All(parameter =>
                    IsPassedByValue(parameter) && Property(parameter, properties) is not null
                ) && MatchesDistinctProperties(constructor, properties))
            .OrderByDescending(constructor =>
                constructor.Parameters.All(parameter => !IsNotStored(parameter, properties)))
            .ThenByDescending(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .ThenByDescending(constructor => constructor.Parameters.Length)
            .FirstOrDefault();
    }

    /// <summary>Returns the problems of the selected constructor.</summary>
    public static IEnumerable<DiagnosticInfo> Problems(
        IMethodSymbol constructor, Compilation compilation, ISymbol origin)
    {
        var (type, properties) = (constructor.ContainingType, constructor.ContainingType.ReadableProperties().ToList());
        if (!constructor.IsReachable(compilation) || constructor.IsForbidden())
        {
            const string Fix =
                "cannot be called by generated code: make it internal or public, and not [Obsolete] as an error";
            yield return DiagnosticInfo.At(
                JsonDiagnostics.Parameter, constructor.InSourceOr(origin), type.Name, type.Name, Fix);
        }
        var usedMembers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in constructor.Parameters)
        {
            var (property, location) = (Property(parameter, properties), parameter.InSourceOr(origin));
            if (ParameterProblem(parameter, property, usedMembers) is { } problem)
                yield return DiagnosticInfo.At(JsonDiagnostics.Parameter, location, parameter.Name, type.Name, problem);
            else if (IsNotStored(parameter, properties))
                yield return DiagnosticInfo.At(
                    JsonDiagnostics.Needed, location, property!.Name, type.Name, Needed(parameter));
        }
    }

    private static string? ParameterProblem(
        IParameterSymbol parameter, IPropertySymbol? property, HashSet<string> usedMembers)
    {
        if (!IsPassedByValue(parameter))
            return "is passed by 'ref' or 'out': pass it by value";
        if (property is null)
            return "is not a member, so its value is not stored: add a public property with the same name and type";
        return usedMembers.Add(property.Name)
            ? null
            : $"is the member '{property.Name}', like another parameter: remove one";
    }

    private static string Needed(IParameterSymbol parameter) =>
        $"the constructor needs '{parameter.Name}': give the parameter a default value, store the member, or add a "
            + "constructor without it";

    private static IMethodSymbol? WithAttribute(INamedTypeSymbol type) =>
        type.InstanceConstructors.FirstOrDefault(constructor =>
            constructor.Attribute(MetadataNames.JsonConstructor) is not null);

    private static bool IsPassedByValue(IParameterSymbol parameter) =>
        parameter.RefKind is not (RefKind.Ref or RefKind.Out);

    private static bool MatchesDistinctProperties(
        IMethodSymbol constructor, IReadOnlyList<IPropertySymbol> properties) =>
        constructor
            .Parameters.GroupBy(parameter => Property(parameter, properties)?.Name, StringComparer.Ordinal)
            .All(group => group.Count() == 1);

    /// <summary>Returns true if a parameter is required but its member is not stored.</summary>
    private static bool IsNotStored(IParameterSymbol parameter, IReadOnlyList<IPropertySymbol> properties) =>
        !parameter.IsOptional
        && !parameter.IsParams
        && Property(parameter, properties) is { } property
        && JsonMemberParser.IgnoreModeOf(property) == JsonIgnoreMode.Always;

    /// <summary>
    /// Returns the member with the type and the name of a parameter. The case of the name does not matter.
    /// </summary>
    public static IPropertySymbol? Property(IParameterSymbol parameter, IReadOnlyList<IPropertySymbol> properties)
    {
        var candidates = properties
            .Where(property => SymbolEqualityComparer.Default.Equals(property.Type, parameter.Type))
            .ToList();
        return candidates.FirstOrDefault(property => property.Name == parameter.Name)
            ?? candidates.FirstOrDefault(property =>
                string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Returns true if a constructor may throw, because it has a body or because members have initializers with code.
    /// </summary>
    public static bool MayThrow(IMethodSymbol constructor) => constructor.Parameters.Length > 0
        && constructor.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is var syntax
        && (syntax is not TypeDeclarationSyntax type
            || type.Members.OfType<PropertyDeclarationSyntax>().Any(property => property.Initializer is not null)
            || type.Members.OfType<FieldDeclarationSyntax>()
                .Any(field => !field.Modifiers.Any(word => word.Text is "static" or "const")));

    private static bool IsCopy(IMethodSymbol constructor) =>
        constructor.IsImplicitlyDeclared
        && constructor.Parameters is [var only]
        && SymbolEqualityComparer.Default.Equals(only.Type, constructor.ContainingType);
}
