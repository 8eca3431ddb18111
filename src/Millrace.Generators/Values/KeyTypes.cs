using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Values;

/// <summary>
/// The types that can be keys. They must be the types that <c>Millrace.KeyText</c> accepts at run time.
/// </summary>
internal static class KeyTypes
{
    /// <summary>The platform types other than enumerations.</summary>
    private static readonly HashSet<string> BuiltIn =
    [
        .. new[]
        {
            "String",
            "Boolean",
            "Char",
            "SByte",
            "Byte",
            "Int16",
            "UInt16",
            "Int32",
            "UInt32",
            "Int64",
            "UInt64",
            "IntPtr",
            "UIntPtr",
            "Int128",
            "UInt128",
            "Half",
            "Single",
            "Double",
            "Decimal",
            "Guid",
            "DateTime",
            "DateTimeOffset",
            "DateOnly",
            "TimeOnly",
            "TimeSpan",
            "Version",
        }.Select(name => "System." + name),
        "System.Numerics.BigInteger",
        "System.Text.Rune",
    ];

    /// <summary>
    /// Returns true if a type has a text that identifies its values. Also returns true for types with compiler errors,
    /// and for type parameters, whose types are known only where they are used.
    /// </summary>
    public static bool IsKey(this ITypeSymbol type) =>
        type.TypeKind is TypeKind.Error or TypeKind.TypeParameter
        || IsBuiltIn(type)
        || IsWrapper(type)
        || HasOwnText(type);

    /// <summary>Returns the code that parses the text of a key, or null if it cannot be parsed.</summary>
    public static string? ParserOf(ITypeSymbol key)
    {
        if (key.SpecialType == SpecialType.System_String)
            return "static text => text";
        if (IsBuiltIn(key))
            return $"static text => global::Millrace.KeyText.Parse<{key.FullName()}>(text)";
        var isParsable = StateParser.Wrapped(key) is { } wrapped
            ? ValueParser.IsEmitted(key, wrapped)
            : HasOwnText(key) && key.AllInterfaces.Any(interfaceType => interfaceType.Is("System.IParsable`1"));
        return isParsable
            ? $"static text => {key.FullName()}.Parse(text, global::System.Globalization.CultureInfo.InvariantCulture)"
            : null;
    }

    private static bool IsBuiltIn(ITypeSymbol type) => type.TypeKind == TypeKind.Enum
        || (type is INamedTypeSymbol { IsGenericType: false } && BuiltIn.Contains(type.DefinitionName()));

    private static bool IsWrapper(ITypeSymbol type) =>
        type.Attribute(MetadataNames.Id) is not null || type.Attribute(MetadataNames.Value) is not null;

    private static bool HasOwnText(ITypeSymbol type) => type.Interface(MetadataNames.KeyText) is not null;
}
