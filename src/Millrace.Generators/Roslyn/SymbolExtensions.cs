using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators;

/// <summary>What the parsers ask of symbols.</summary>
internal static class SymbolExtensions
{
    private static readonly SymbolDisplayFormat FullFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The name from <c>global::</c> on; type arguments keep their <c>?</c>, the type itself does
    /// not.</summary>
    public static string FullName(this ITypeSymbol type) =>
        Casing.EscapedPath(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(FullFormat));

    /// <summary>The name for people, without namespaces.</summary>
    public static string Display(this ITypeSymbol type) =>
        type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)
            .ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    /// <summary>The name for people, without namespaces, with its <c>?</c>.</summary>
    public static string DisplayWithNull(this ITypeSymbol type) => type.ToDisplayString(
        SymbolDisplayFormat.MinimallyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>The name with namespace and arity, as in metadata, without arguments.</summary>
    public static string DefinitionName(this ITypeSymbol type)
    {
        var definition = type.OriginalDefinition;
        var prefix = definition.ContainingType is { } outer ? outer.DefinitionName() + "+"
            : definition.ContainingNamespace is { IsGlobalNamespace: false } name ? name.ToDisplayString() + "."
            : "";
        return prefix + definition.MetadataName;
    }

    public static bool Is(this ITypeSymbol? type, string definitionName) =>
        type is not null && type.DefinitionName() == definitionName;

    public static AttributeData? Attribute(this ISymbol symbol, string definitionName) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass.Is(definitionName));

    /// <summary>The first argument of an attribute's constructor, if it is a text.</summary>
    public static string? Text(this AttributeData? attribute) =>
        attribute is { ConstructorArguments: [{ Value: string text }, ..] } ? text : null;

    public static T Named<T>(this AttributeData attribute, string name, T fallback)
    {
        foreach (var argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value.Value is T value)
                return value;
        }
        return fallback;
    }

    /// <summary>The texts of a named argument that is an array.</summary>
    public static IEnumerable<string> NamedTexts(this AttributeData attribute, string name) => attribute.NamedArguments
        .Where(argument => argument.Key == name && argument.Value is { Kind: TypedConstantKind.Array, IsNull: false })
        .SelectMany(argument => argument.Value.Values)
        .Select(value => value.Value)
        .OfType<string>();

    /// <summary>The base type with this definition, such as <c>Millrace.Aggregate`1</c>, or null.</summary>
    public static INamedTypeSymbol? Base(this ITypeSymbol type, string definitionName)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (current.Is(definitionName))
                return current;
        }
        return null;
    }

    public static INamedTypeSymbol? Interface(this ITypeSymbol type, string definitionName) =>
        type.Is(definitionName)
            ? type as INamedTypeSymbol
            : type.AllInterfaces.FirstOrDefault(face => face.Is(definitionName));

    /// <summary>Whether other code of the assembly can name it.</summary>
    public static bool IsReachable(this ISymbol symbol, Compilation compilation) =>
        compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly) && !IsOfOneFile(symbol);

    private static bool IsOfOneFile(ISymbol symbol)
    {
        for (
            var type = symbol as INamedTypeSymbol ?? symbol.ContainingType;
            type is not null;
            type = type.ContainingType)
        {
            if (type.IsFileLocal)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether other code of the assembly can make one of it: a class that has a constructor without parameters, and
    /// needs no more.
    /// </summary>
    public static bool CanBeMade(this INamedTypeSymbol type, Compilation compilation) =>
        !type.IsAbstract
        && !type.IsGenericType
        && type.InstanceConstructors.Any(constructor =>
            constructor.Parameters.IsEmpty
            && constructor.IsReachable(compilation)
            && (constructor.SetsRequired() || !type.HasRequired()));

    /// <summary>Whether a constructor sets what the initializer would have to set otherwise.</summary>
    public static bool SetsRequired(this IMethodSymbol constructor) =>
        constructor.Attribute(MetadataNames.SetsRequiredMembers) is not null;

    private static bool HasRequired(this INamedTypeSymbol type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (level
                    .GetMembers()
                    .Any(member => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
                return true;
        }
        return false;
    }

    /// <summary>Whether code that uses it does not compile.</summary>
    public static bool IsForbidden(this ISymbol symbol) =>
        symbol.Attribute(MetadataNames.Obsolete) is { ConstructorArguments: [_, { Value: true }] };

    /// <summary>Whether code that reads it does not compile.</summary>
    public static bool IsForbiddenToRead(this IPropertySymbol property) =>
        property.IsForbidden() || property.GetMethod?.IsForbidden() == true;

    /// <summary>The setter of a property; that of the property it overrides where it has none of its own.</summary>
    public static IMethodSymbol? Setter(this IPropertySymbol property) =>
        property.SetMethod ?? property.OverriddenProperty?.Setter();

    /// <summary>Whether it is a type of the platform, and not of the application.</summary>
    public static bool IsOfPlatform(this ITypeSymbol type) =>
        (type.ContainingNamespace?.ToDisplayString() ?? "").Split('.')[0] is "System" or "Microsoft";

    /// <summary>The names of types as the cases of a switch: what derives from another comes before it, which would
    /// take both.</summary>
    public static EquatableArray<string> ToCases(this IEnumerable<ITypeSymbol> types) =>
        types.OrderByDescending(Depth).Select(FullName).ToEquatable();

    /// <summary>How many types it derives from.</summary>
    public static int Depth(this ITypeSymbol type)
    {
        var depth = 0;
        for (var level = type.BaseType; level is not null; level = level.BaseType)
            depth++;
        return depth;
    }

    /// <summary>The symbol if it stands in source, where a diagnostic can point to it.</summary>
    public static ISymbol InSourceOr(this ISymbol symbol, ISymbol otherwise) =>
        symbol.Locations.Any(location => location.IsInSource) ? symbol : otherwise;

    /// <summary>Whether it is marked with a question mark.</summary>
    public static bool IsAnnotated(this ITypeSymbol type) => type.NullableAnnotation == NullableAnnotation.Annotated;

    /// <summary>Whether null is a good value of it: an annotated or unannotated reference, or a
    /// <see cref="Nullable{T}"/>.</summary>
    public static bool AllowsNull(this ITypeSymbol type) =>
        type.IsValueType ? type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
        : type.NullableAnnotation != NullableAnnotation.NotAnnotated;

    /// <summary>What a <see cref="Nullable{T}"/> is of; any other type itself.</summary>
    public static ITypeSymbol Underlying(this ITypeSymbol type) =>
        type
            is INamedTypeSymbol
        {
            OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
            TypeArguments: [var underlying]
        }
            ? underlying
            : type;

    /// <summary>The public properties with a getter, the nearest of each name, base types first.</summary>
    public static IEnumerable<IPropertySymbol> ReadableProperties(this ITypeSymbol type)
    {
        var found = new Dictionary<string, IPropertySymbol>(StringComparer.Ordinal);
        var chain = new Stack<ITypeSymbol>();
        for (
            var current = type;
            current is not null && current.SpecialType != SpecialType.System_Object;
            current = current.BaseType)
            chain.Push(current);
        var names = new List<string>();
        foreach (var property in chain.SelectMany(level => level.GetMembers().OfType<IPropertySymbol>()))
        {
            if (property.IsStatic
                || property.IsIndexer
                || property.GetMethod?.DeclaredAccessibility != Accessibility.Public)
                continue;
            if (!found.ContainsKey(property.Name))
                names.Add(property.Name);
            found[property.Name] = property;
        }
        return names.Select(name => found[name]);
    }

    public static string Literal(this string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    public static string Literal(this int number) => number.ToString(CultureInfo.InvariantCulture);
}
