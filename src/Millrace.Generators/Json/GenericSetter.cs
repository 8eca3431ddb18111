using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>
/// The declaration of an accessor for a member of a generic type. The runtime resolves such an accessor only if the
/// class that declares it has the same type parameters as the type that declares the member.
/// </summary>
/// <param name="Parameters">The names of the type parameters.</param>
/// <param name="Arguments">The type arguments.</param>
/// <param name="Target">The type with its type parameters.</param>
/// <param name="Value">The type of the member, which can contain type parameters.</param>
/// <param name="Constraints">The constraints of the type parameters.</param>
internal sealed record GenericSetter(
    string Parameters, string Arguments, string Target, string Value, string Constraints)
{
    /// <summary>Returns the setter of a property, or null if the type is not generic.</summary>
    public static GenericSetter? Of(IPropertySymbol property)
    {
        var types = new Stack<INamedTypeSymbol>();
        for (var type = property.ContainingType; type is not null; type = type.ContainingType)
            types.Push(type);
        var parameters = types.SelectMany(type => type.TypeParameters).ToList();
        if (parameters.Count == 0)
            return null;
        var open = property.OriginalDefinition;
        return new(
            string.Join(", ", parameters.Select(parameter => parameter.Name)),
            string.Join(
                ", ",
                types
                    .SelectMany(type => type.TypeArguments)
                    .Select(argument => argument.FullName() + NullableSuffix(argument))),
            open.ContainingType.FullName(),
            open.Type.FullName() + NullableSuffix(open.Type),
            string.Concat(parameters.Select(Constraint)));
    }

    private static string NullableSuffix(ITypeSymbol type) => type.IsAnnotated() && !type.IsValueType ? "?" : "";

    private static string Constraint(ITypeParameterSymbol parameter)
    {
        var demands = new List<string>();
        if (parameter.HasUnmanagedTypeConstraint)
            demands.Add("unmanaged");
        else if (parameter.HasValueTypeConstraint)
            demands.Add("struct");
        else if (parameter.HasReferenceTypeConstraint)
            demands.Add(
                parameter.ReferenceTypeConstraintNullableAnnotation == NullableAnnotation.Annotated ? "class?" : "class"
            );
        else if (parameter.HasNotNullConstraint)
            demands.Add("notnull");
        demands.AddRange(parameter.ConstraintTypes.Select(type => type.FullName() + NullableSuffix(type)));
        if (parameter.HasConstructorConstraint)
            demands.Add("new()");
        return demands.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", demands)}";
    }
}
