using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Upcasts;

/// <summary>Parses methods marked <c>[Upcast]</c>.</summary>
internal static class UpcastParser
{
    public static UpcastModel? Parse(GeneratorAttributeSyntaxContext context)
    {
        if (context.TargetSymbol is not IMethodSymbol method)
            return null;
        var attribute = context.Attributes[0];
        var from = From(method, attribute);
        var isTuple = method.ReturnType is INamedTypeSymbol { IsTupleType: true };
        var returned = isTuple
            ? ((INamedTypeSymbol)method.ReturnType).TupleElements.Select(element => element.Type)
            : [method.ReturnType];
        var into = returned.Select(KeyOf).ToList();
        var makesJson = !isTuple && method.ReturnType.Is(MetadataNames.JsonObject) && !method.ReturnType.IsAnnotated();
        var to = makesJson && from is not null ? attribute.Named("To", from.Version + 1) : 0;
        var problem = Problem(context.SemanticModel.Compilation, method, from, into, to);
        var problems = problem is null
            ? []
            : new[] { DiagnosticInfo.At(UpcastDiagnostics.Shape, method, method.Name, problem) };
        return new(
            $"{method.ContainingType.FullName()}.{Casing.Escaped(method.Name)}",
            from ?? new(null, "", 0, false),
            makesJson ? EquatableArray<ShapeKey>.Empty : into.OfType<ShapeKey>().ToEquatable(),
            to,
            isTuple,
            LocationInfo.Of(method.Locations[0]),
            problems.ToEquatable())
        {
            Second = method.Parameters.Length == 2 ? KeyOf(method.Parameters[1].Type) : null,
        };
    }

    private static string? Problem(
        Compilation compilation, IMethodSymbol method, ShapeKey? from, List<ShapeKey?> into, int to)
    {
        if (!method.IsStatic || method.IsGenericMethod || method.ContainingType.IsGenericType)
            return "make it a static, non-generic method in a non-generic type";
        if (!method.IsReachable(compilation))
            return "make it and the type around it internal or public";
        if (method.Parameters.Length is not 1 and not 2
            || method.Parameters.Any(parameter => parameter.RefKind != RefKind.None))
            return "use one parameter for the old event, or two for a merge, by value, and no other parameters";
        if (method.Parameters.Length == 2)
            return MergeProblem(method, into);
        if (from is null)
        {
            return method.Parameters[0].Type.Is(MetadataNames.JsonObject)
                ? "specify the event and version that it takes as JSON: [Upcast(\"order.placed\", 1)]"
                : "use a parameter of a record marked [Event], or a JsonObject";
        }
        if (to > 0 && from.Type is not null)
            return "only a method that takes a JsonObject can return one: return the newer event";
        if (to > 0 && to <= from.Version)
            return "To must be greater than the version that it takes";
        return to > 0 || (into.Count > 0 && into.TrueForAll(key => key is not null))
            ? null
            : "return a record marked [Event], a tuple of them, or, for a JsonObject parameter, a JsonObject";
    }

    private static string? MergeProblem(IMethodSymbol method, List<ShapeKey?> into)
    {
        var keys = method.Parameters.Select(parameter => KeyOf(parameter.Type)).ToList();
        if (keys.Contains(null) || into is not [{ AllowsNull: false } result])
            return "a merge takes two records marked [Event], and returns another one";
        // The caller has checked that both keys are not null.
        return keys[0]!.Type == keys[1]!.Type || keys.Exists(key => key!.Type == result.Type)
            ? "a merge takes two different events, and returns a third"
            : null;
    }

    private static ShapeKey? From(IMethodSymbol method, AttributeData attribute)
    {
        if (method.Parameters is not [var parameter, ..])
            return null;
        if (!parameter.Type.Is(MetadataNames.JsonObject))
            return KeyOf(parameter.Type);
        return attribute is { ConstructorArguments: [{ Value: string name }, { Value: int version }] } && version > 0
            ? new(null, name, version, false)
            : null;
    }

    private static ShapeKey? KeyOf(ITypeSymbol type)
    {
        var underlying = type.Underlying();
        return underlying.Attribute(MetadataNames.Event) is { } attribute && attribute.Text() is { } name
            ? new(underlying.FullName(), name, attribute.Named("Version", 1), type.IsAnnotated())
            : null;
    }
}
