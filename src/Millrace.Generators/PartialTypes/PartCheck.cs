using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Whether a type of the user can be given a generated part with certain members.</summary>
internal static class PartCheck
{
    /// <summary>What is wrong with the type itself, and with its own members.</summary>
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
                .SelectMany(one => type.GetMembers(one.Name).Where(own => ConflictsWith(own, one)))
                .Distinct(Symbols))
            yield return DiagnosticInfo.At(GenerationDiagnostics.MemberTaken, member, member.Name, type.Name);
    }

    private static SymbolEqualityComparer Symbols => SymbolEqualityComparer.Default;

    /// <summary>What the compiler would refuse beside the generated member.</summary>
    private static bool ConflictsWith(ISymbol own, GeneratedMember generated) =>
        !own.IsImplicitlyDeclared && !(own.IsOverride && generated.IsReplaceable)
        && (own is not IMethodSymbol method || generated.Parameters is null
            || (method.Arity == 0 && WithoutNull(Signature(method)) == WithoutNull(generated.Parameters)));

    private static string Signature(IMethodSymbol method) =>
        string.Join(", ", method.Parameters.Select(parameter => parameter.Type.FullName()));

    // Only for a comparison of two signatures, in which a question mark of a reference does not count.
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
