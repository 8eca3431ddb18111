using Microsoft.CodeAnalysis;
using Millrace.Generators.Json;
using Millrace.Generators.PartialTypes;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Values;

/// <summary>Parses structs marked <c>[Id&lt;T&gt;]</c> or <c>[Value&lt;T&gt;]</c>.</summary>
internal static class ValueParser
{
    public static ValueModel? Parse(GeneratorAttributeSyntaxContext context, bool isId)
    {
        if (context is not
            {
                TargetSymbol: INamedTypeSymbol type,
                Attributes: [{ AttributeClass.TypeArguments: [var wrapped] }, ..]
            })
            return null;
        var problems = Problems(type, wrapped, isId).ToEquatable();
        if (Primitive.Find(wrapped) is not { } primitive)
            return problems.Count == 0 ? null : new(TypeDeclaration.Of(type), isId, Unsupported, false, problems);
        return new(TypeDeclaration.Of(type), isId, primitive, ProblemMethod(type, wrapped) is not null, problems)
        {
            IsEmitted = IsEmitted(type, wrapped),
            Summary = Documentation.Of(type).Summary,
        };
    }

    /// <summary>
    /// Returns true if an id or value has its generated part. A type from a compiled assembly always has it.
    /// </summary>
    public static bool IsEmitted(ITypeSymbol type, ITypeSymbol wrapped) => type.DeclaringSyntaxReferences.IsEmpty
        || (type is INamedTypeSymbol { IsGenericType: false, IsRecord: true, IsReadOnly: true } named
            && TypeDeclaration.IsPartial(named)
            && !HasState(named)
            && !IsBoth(named)
            && Primitive.Find(wrapped) is { IsWrappable: true });

    /// <summary>
    /// Returns true if an id accepts every text that is not empty. The rules of compiled types are unknown.
    /// </summary>
    public static bool AcceptsAnyText(ITypeSymbol type, ITypeSymbol wrapped) =>
        type is INamedTypeSymbol { DeclaringSyntaxReferences.IsEmpty: false } named
        && wrapped.SpecialType == SpecialType.System_String
        && type.Attribute(MetadataNames.Id) is not null
        && ProblemMethod(named, wrapped) is null;

    private static Primitive Unsupported { get; } = new("", "object", "", null, null, null, false);

    private static IEnumerable<DiagnosticInfo> Problems(INamedTypeSymbol type, ITypeSymbol wrapped, bool isId)
    {
        if (wrapped.TypeKind == TypeKind.Error)
            yield break;
        if (Primitive.Find(wrapped) is { IsWrappable: true } wrappable)
        {
            foreach (var problem in PartCheck.Problems(type, GeneratedMember.OfValue(type.FullName(), wrappable, isId)))
                yield return problem;
        }
        var kind = isId ? "Id" : "Value";
        if (!type.IsRecord
            || !type.IsReadOnly
            || !TypeDeclaration.IsPartial(type)
            || type.IsGenericType
            || HasState(type)
            || IsBoth(type))
            yield return DiagnosticInfo.At(Diagnostics.ValueShape, type, kind, type.Name);
        var allowed = Primitive.Find(wrapped) is { IsWrappable: true } primitive
            && (!isId || primitive.Name is "Guid" or "String" or "Int32" or "Int64");
        if (!allowed)
            yield return DiagnosticInfo.At(
                isId ? Diagnostics.IdType : Diagnostics.ValueType, type, type.Name, wrapped.ToDisplayString());
        else if (ProblemMethod(type, wrapped) is null
            && (!isId || type.GetMembers("Problem").OfType<IMethodSymbol>().Any()))
            yield return DiagnosticInfo.At(Diagnostics.ValueProblem, type, type.Name, wrapped.ToDisplayString());
    }

    private static bool IsBoth(INamedTypeSymbol type) =>
        type.GetAttributes()
            .Count(attribute => attribute.AttributeClass.Is(MetadataNames.Id)
                || attribute.AttributeClass.Is(MetadataNames.Value)) > 1;

    private static bool HasState(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().Any(field => !field.IsStatic && !field.IsConst);

    private static IMethodSymbol? ProblemMethod(INamedTypeSymbol type, ITypeSymbol wrapped) =>
        type.GetMembers("Problem").OfType<IMethodSymbol>().FirstOrDefault(method =>
            method is { IsStatic: true, Arity: 0, Parameters: [{ RefKind: RefKind.None }] }
            && method.ReturnType.SpecialType == SpecialType.System_String
            && SymbolEqualityComparer.Default.Equals(method.Parameters[0].Type, wrapped));
}
