using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Parses enumerations. JSON contains their values as camel case strings, or as numbers for flags.</summary>
internal static class JsonEnumParser
{
    public static JsonShape Parse(INamedTypeSymbol type, string name)
    {
        var distinctValues = new HashSet<object>();
        var values = new List<JsonEnumValue>();
        foreach (var field in Fields(type))
        {
            var isAlias = !distinctValues.Add(field.ConstantValue!); // Enumeration fields have a value.
            values.Add(
                new(field.Name, TextOf(field), isAlias) { Number = NumberOf(field), IsForbidden = field.IsForbidden() }
            );
        }
        var isFlags = IsFlags(type);
        var underlying = type.EnumUnderlyingType is { } number ? Primitive.Find(number) : null;
        return JsonShape.Of(
            new(name, JsonShapeKind.Enum, false, false, underlying, Detail: isFlags ? JsonType.Flags : "")) with
        {
            Values = values.ToEquatable(),
            IsFlags = isFlags,
            Summary = Documentation.Of(type).Summary,
        };
    }

    /// <summary>
    /// Returns a JSON string that represents several values of an enumeration, or null if there is no such string.
    /// Reading such a string would always return the first value.
    /// </summary>
    public static string? FindDuplicateText(INamedTypeSymbol type) => IsFlags(type) ? null : Fields(type)
        .GroupBy(TextOf, StringComparer.Ordinal)
        .FirstOrDefault(group => group.Select(field => field.ConstantValue).Distinct().Count() > 1)?.Key;

    private static bool IsFlags(INamedTypeSymbol type) => type.Attribute("System.FlagsAttribute") is not null;

    private static IEnumerable<IFieldSymbol> Fields(INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue);

    private static string TextOf(IFieldSymbol field) =>
        field.Attribute(MetadataNames.JsonEnumName).Text() ?? Casing.Camel(field.Name);

    private static string NumberOf(IFieldSymbol field) =>
        Convert.ToString(field.ConstantValue, System.Globalization.CultureInfo.InvariantCulture);
}
