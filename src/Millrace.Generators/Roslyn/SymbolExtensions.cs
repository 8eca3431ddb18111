using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Millrace.Generators.Roslyn;

/// <summary>Helpers of the parsers for symbols.</summary>
internal static class SymbolExtensions
{
    private static readonly SymbolDisplayFormat FullFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>
    /// Returns the full name of a type, which starts with <c>global::</c>. It contains the <c>?</c> of type arguments,
    /// but not the <c>?</c> of the type itself.
    /// </summary>
    public static string FullName(this ITypeSymbol type) =>
        Casing.EscapedPath(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(FullFormat));

    /// <summary>Returns the display name of a type without namespaces.</summary>
    public static string Display(this ITypeSymbol type) =>
        type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)
            .ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    /// <summary>Returns the display name without namespaces, with its <c>?</c>.</summary>
    public static string DisplayWithNull(this ITypeSymbol type) => type.ToDisplayString(
        SymbolDisplayFormat.MinimallyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier));

    /// <summary>Returns the metadata name with namespace and arity, without arguments.</summary>
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

    /// <summary>Returns the first argument of an attribute's constructor, if it is a string.</summary>
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

    /// <summary>Returns the strings of a named array argument.</summary>
    public static IEnumerable<string> NamedTexts(this AttributeData attribute, string name) => attribute.NamedArguments
        .Where(argument => argument.Key == name && argument.Value is { Kind: TypedConstantKind.Array, IsNull: false })
        .SelectMany(argument => argument.Value.Values)
        .Select(value => value.Value)
        .OfType<string>();

    /// <summary>
    /// Returns the base type with a definition name, such as <c>Millrace.Aggregate`1</c>, or null if there is none.
    /// </summary>
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
            : type.AllInterfaces.FirstOrDefault(interfaceType => interfaceType.Is(definitionName));

    /// <summary>Returns true if other code of the assembly can refer to a symbol.</summary>
    public static bool IsReachable(this ISymbol symbol, Compilation compilation) =>
        compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly) && !IsFileLocal(symbol);

    private static bool IsFileLocal(ISymbol symbol)
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
    /// Returns true if other code of the assembly can create an object of a class. The class has a constructor without
    /// parameters, and no required members.
    /// </summary>
    public static bool CanBeCreated(this INamedTypeSymbol type, Compilation compilation) =>
        !type.IsAbstract
        && !type.IsGenericType
        && type.InstanceConstructors.Any(constructor =>
            constructor.Parameters.IsEmpty
            && constructor.IsReachable(compilation)
            && (constructor.SetsRequired() || !type.HasRequired()));

    /// <summary>Returns true if a constructor sets the required members.</summary>
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

    /// <summary>Returns true if code that uses a symbol does not compile.</summary>
    public static bool IsForbidden(this ISymbol symbol) =>
        symbol.Attribute(MetadataNames.Obsolete) is { ConstructorArguments: [_, { Value: true }] };

    /// <summary>Returns true if code that reads a property does not compile.</summary>
    public static bool IsForbiddenToRead(this IPropertySymbol property) =>
        property.IsForbidden() || property.GetMethod?.IsForbidden() == true;

    /// <summary>Returns the setter of a property, or of the overridden property.</summary>
    public static IMethodSymbol? Setter(this IPropertySymbol property) =>
        property.SetMethod ?? property.OverriddenProperty?.Setter();

    /// <summary>Returns true if a type belongs to the platform and not to the application.</summary>
    public static bool IsOfPlatform(this ITypeSymbol type) =>
        (type.ContainingNamespace?.ToDisplayString() ?? "").Split('.')[0] is "System" or "Microsoft";

    /// <summary>
    /// Returns the names of types in the order of the cases of a switch. A derived type comes before its base type,
    /// whose case would match both.
    /// </summary>
    public static EquatableArray<string> ToCases(this IEnumerable<ITypeSymbol> types) =>
        types.OrderByDescending(Depth).Select(FullName).ToEquatable();

    /// <summary>Returns the number of base types.</summary>
    public static int Depth(this ITypeSymbol type)
    {
        var depth = 0;
        for (var level = type.BaseType; level is not null; level = level.BaseType)
            depth++;
        return depth;
    }

    /// <summary>
    /// Returns a symbol if it is in source, so that a diagnostic can point to it. Otherwise, returns
    /// <paramref name="otherwise"/>.
    /// </summary>
    public static ISymbol InSourceOr(this ISymbol symbol, ISymbol otherwise) =>
        symbol.Locations.Any(location => location.IsInSource) ? symbol : otherwise;

    /// <summary>Returns true if a type has a question mark.</summary>
    public static bool IsAnnotated(this ITypeSymbol type) => type.NullableAnnotation == NullableAnnotation.Annotated;

    /// <summary>
    /// Returns true if null is a valid value. The type is a <see cref="Nullable{T}"/>, or a reference type that is
    /// annotated or was declared without nullable annotations.
    /// </summary>
    public static bool AllowsNull(this ITypeSymbol type) =>
        type.IsValueType ? type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
        : type.NullableAnnotation != NullableAnnotation.NotAnnotated;

    /// <summary>Returns the inner type of a <see cref="Nullable{T}"/>, or the type itself.</summary>
    public static ITypeSymbol Underlying(this ITypeSymbol type) =>
        type
            is INamedTypeSymbol
        {
            OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
            TypeArguments: [var underlying]
        }
            ? underlying
            : type;

    /// <summary>
    /// Returns the public properties with a getter. Properties of base types come first. If several types declare a
    /// property with the same name, the property of the most derived type is returned.
    /// </summary>
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
