using Microsoft.CodeAnalysis;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Models;

/// <summary>Parses the class marked <c>[Model]</c>.</summary>
internal static class ModelParser
{
    public static ModelDeclaration? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type)
            return null;
        var isValid = !type.IsStatic && !type.IsAbstract && !type.IsGenericType && TypeDeclaration.IsPartial(type);
        var problems = isValid ? PartCheck.Problems(type, GeneratedMember.OfModel)
            : [DiagnosticInfo.At(Diagnostics.ModelShape, type, type.Name)];
        var existingNames = type.GetMembers().Select(member => member.Name)
            .Distinct(StringComparer.Ordinal).OrderBy(name => name, StringComparer.Ordinal);
        return new(
            TypeDeclaration.Of(type) with { ExistingNames = existingNames.ToEquatable() },
            problems.ToEquatable(),
            LocationInfo.Of(type.Locations[0]),
            IsVisible(type));
    }

    /// <summary>Returns true if the whole assembly can refer to a type.</summary>
    private static bool IsVisible(INamedTypeSymbol type)
    {
        for (var current = type; current is not null; current = current.ContainingType)
        {
            if (current.DeclaredAccessibility
                is Accessibility.Private
                    or Accessibility.Protected
                    or Accessibility.ProtectedAndInternal)
                return false;
        }
        return true;
    }
}
