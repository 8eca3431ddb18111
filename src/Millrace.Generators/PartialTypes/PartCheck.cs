using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.PartialTypes;

/// <summary>Checks whether generated members can be added to a user's type.</summary>
internal static class PartCheck
{
    /// <summary>Returns the problems of the type and its members.</summary>
    public static IEnumerable<DiagnosticInfo> Problems(INamedTypeSymbol type, IEnumerable<GeneratedMember> generated)
    {
        if (IsFileLocal(type))
            yield return DiagnosticInfo.At(GenerationDiagnostics.FileLocal, type, type.Name);
        foreach (var name in generated.Select(member => member.Name).Distinct())
        {
            if (name == type.Name)
                yield return DiagnosticInfo.At(GenerationDiagnostics.MemberTaken, type, name, type.Name);
        }
        foreach (var member in generated
                .SelectMany(generatedMember => type.GetMembers(generatedMember.Name)
                    .Where(declared => ConflictsWith(declared, generatedMember)))
                .Distinct(Symbols))
            yield return DiagnosticInfo.At(GenerationDiagnostics.MemberTaken, member, member.Name, type.Name);
    }

    private static SymbolEqualityComparer Symbols => SymbolEqualityComparer.Default;

    /// <summary>
    /// Returns true if a member of the user's type would not compile together with a generated member.
    /// </summary>
    private static bool ConflictsWith(ISymbol declared, GeneratedMember generated) =>
        !declared.IsImplicitlyDeclared && !(declared.IsOverride && generated.IsReplaceable)
        && (declared is not IMethodSymbol method || generated.Parameters is null
            || (method.Arity == 0 && WithoutNull(Signature(method)) == WithoutNull(generated.Parameters)));

    private static string Signature(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(parameter => parameter.Type.FullName()));

    // Used only to compare signatures, which ignore the nullability of reference types.
    private static string WithoutNull(string types) => types.Replace("?", "");

    private static bool IsFileLocal(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            if (level.IsFileLocal)
                return true;
        }
        return false;
    }
}
