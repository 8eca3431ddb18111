using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Millrace.Generators;

/// <summary>Chooses the constructor that a type is read with.</summary>
internal static class JsonConstructors
{
    /// <summary>The one marked <c>[JsonConstructor]</c>, else that with the largest number of parameters that are all
    /// members.</summary>
    public static IMethodSymbol? Choose(INamedTypeSymbol type, Compilation compilation)
    {
        if (Marked(type) is { } marked)
            return marked;
        var properties = type.ReadableProperties().ToList();
        return type
            .InstanceConstructors.Where(constructor =>
                constructor.IsReachable(compilation) && !constructor.IsForbidden() && !IsCopy(constructor))
            .Where(constructor =>
                constructor.Parameters.All(parameter =>
                    IsGiven(parameter) && Property(parameter, properties) is not null
                ) && MatchesEachProperty(constructor, properties))
            .OrderByDescending(constructor =>
                constructor.Parameters.All(parameter => !HasNoProperty(parameter, properties)))
            .ThenByDescending(constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .ThenByDescending(constructor => constructor.Parameters.Length)
            .FirstOrDefault();
    }

    /// <summary>What is wrong with the constructor that was chosen.</summary>
    public static IEnumerable<DiagnosticInfo> Problems(
        IMethodSymbol constructor, Compilation compilation, ISymbol origin)
    {
        var (type, properties) = (constructor.ContainingType, constructor.ContainingType.ReadableProperties().ToList());
        if (!constructor.IsReachable(compilation) || constructor.IsForbidden())
        {
            const string Cure =
                "cannot be called by generated code: make it internal or public, and not [Obsolete] as an error";
            yield return DiagnosticInfo.At(
                JsonDiagnostics.Parameter, constructor.InSourceOr(origin), type.Name, type.Name, Cure);
        }
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in constructor.Parameters)
        {
            var (property, place) = (Property(parameter, properties), parameter.InSourceOr(origin));
            if (ParameterProblem(parameter, property, taken) is { } problem)
                yield return DiagnosticInfo.At(JsonDiagnostics.Parameter, place, parameter.Name, type.Name, problem);
            else if (HasNoProperty(parameter, properties))
                yield return DiagnosticInfo.At(
                    JsonDiagnostics.Needed, place, property!.Name, type.Name, Needed(parameter));
        }
    }

    private static string? ParameterProblem(
        IParameterSymbol parameter, IPropertySymbol? property, HashSet<string> taken)
    {
        if (!IsGiven(parameter))
            return "is passed by 'ref' or 'out': pass it by value";
        if (property is null)
            return "is no member, so that its value is not stored: add a public property of the same name and type";
        return taken.Add(property.Name)
            ? null
            : $"is the member '{property.Name}', which another parameter is as well: remove one";
    }

    private static string Needed(IParameterSymbol parameter) =>
        $"the constructor needs '{parameter.Name}': give the parameter a default value, store the member, or add a "
            + "constructor without it";

    private static IMethodSymbol? Marked(INamedTypeSymbol type) =>
        type.InstanceConstructors.FirstOrDefault(constructor =>
            constructor.Attribute(MetadataNames.JsonConstructor) is not null);

    private static bool IsGiven(IParameterSymbol parameter) => parameter.RefKind is not (RefKind.Ref or RefKind.Out);

    private static bool MatchesEachProperty(IMethodSymbol constructor, IReadOnlyList<IPropertySymbol> properties) =>
        constructor
            .Parameters.GroupBy(parameter => Property(parameter, properties)?.Name, StringComparer.Ordinal)
            .All(group => group.Count() == 1);

    /// <summary>Whether a parameter must be given, while its member is not stored.</summary>
    private static bool HasNoProperty(IParameterSymbol parameter, IReadOnlyList<IPropertySymbol> properties) =>
        !parameter.IsOptional
        && !parameter.IsParams
        && Property(parameter, properties) is { } property
        && JsonMemberParser.Ignoring(property) == JsonIgnoreMode.Always;

    /// <summary>The member that a parameter becomes: of the same type, and of the same name but for case.</summary>
    public static IPropertySymbol? Property(IParameterSymbol parameter, IReadOnlyList<IPropertySymbol> properties)
    {
        var fitting = properties
            .Where(property => SymbolEqualityComparer.Default.Equals(property.Type, parameter.Type))
            .ToList();
        return fitting.FirstOrDefault(property => property.Name == parameter.Name)
            ?? fitting.FirstOrDefault(property =>
                string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether a constructor may throw: one that is written out, or whose members are initialized by
    /// code.</summary>
    public static bool MayRefuse(IMethodSymbol constructor) => constructor.Parameters.Length > 0
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
