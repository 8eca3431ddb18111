using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Reads enumerations: their values are camel case texts; those of flags are numbers.</summary>
internal static class JsonEnumParser
{
    public static JsonShape Parse(INamedTypeSymbol type, string name)
    {
        var seen = new HashSet<object>();
        var values = new List<JsonEnumValue>();
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue))
        {
            var text = field.Attribute(Known.JsonEnumName).Text() ?? Casing.Camel(field.Name);
            values.Add(new(field.Name, text, IsAlias: !seen.Add(field.ConstantValue!))); // It has one.
        }
        var isFlags = type.Attribute("System.FlagsAttribute") is not null;
        var underlying = type.EnumUnderlyingType is { } number ? Primitive.Find(number) : null;
        return JsonShape.Of(new(name, JsonForm.Enum, false, false, underlying)) with
        {
            Values = values.ToEquatable(),
            IsFlags = isFlags,
            Summary = Documentation.Of(type).Summary,
        };
    }
}
