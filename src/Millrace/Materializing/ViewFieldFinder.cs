using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Protection;
using Millrace.Queries;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>Finds the indexed members of rows in the metadata of System.Text.Json.</summary>
internal static class ViewFieldFinder
{
    /// <summary>Returns the members that are marked <see cref="IndexedAttribute"/>.</summary>
    /// <exception cref="ViewDeclarationException">The type of a member has no order that a column supports.</exception>
    public static IReadOnlyList<DocumentField<TRow>> Find<TRow>(string view, JsonTypeInfo<TRow> json)
        where TRow : class
    {
        var fields = new List<DocumentField<TRow>>();
        foreach (var property in json.Properties)
        {
            if (!IsIndexed(property) || property.Get is not { } get)
                continue;
            var kind =
                KindOf(property.PropertyType)
                ?? throw new ViewDeclarationException(
                    view,
                    $"the member '{property.Name}' is marked [Indexed], and a column cannot contain a "
                        + $"{property.PropertyType.Name}. Override Fields and return the value that it wraps.");
            // As the fields of projections, whatever the naming policy of the serializer.
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            fields.Add(new DocumentField<TRow>(name, kind, row => FieldValue.From(get(row))));
        }
        return fields;
    }

    /// <summary>Returns the first member with personal data or a secret, at any depth; null if there is none.</summary>
    public static string? FindMarked(JsonTypeInfo json) => CachedTypes.PartsOf(json)
        .SelectMany(part => part.Properties)
        .FirstOrDefault(MarkAttributes.AreOn)?.Name;

    /// <summary>Describes the members of a type at any depth, with their converters.</summary>
    public static IEnumerable<string> Describe(JsonTypeInfo json) => CachedTypes.PartsOf(json).SelectMany(part =>
        part.Properties.Select(property => $"{part.Type} {property.Name} {property.PropertyType}")
            .Append($"{part.Type} {part.Converter.GetType()}"));

    private static bool IsIndexed(JsonPropertyInfo property) =>
        property.AttributeProvider?.IsDefined(typeof(IndexedAttribute), inherit: true) == true
        || property.AssociatedParameter?.AttributeProvider?.IsDefined(typeof(IndexedAttribute), inherit: true) == true;

    private static FieldKind? KindOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return Enum.GetUnderlyingType(type) == typeof(ulong) ? FieldKind.Decimal : FieldKind.Integer;
        if (type == typeof(string) || type == typeof(Guid) || type == typeof(DateOnly))
            return FieldKind.Text;
        if (type == typeof(decimal) || type == typeof(ulong))
            return FieldKind.Decimal;
        if (type == typeof(double) || type == typeof(float) || type == typeof(Half))
            return FieldKind.Real;
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime) || type == typeof(TimeOnly)
            || type == typeof(TimeSpan))
            return FieldKind.Ticks;
        return type == typeof(bool) || type == typeof(char) || type == typeof(long) || type == typeof(int)
            || type == typeof(short) || type == typeof(sbyte) || type == typeof(byte) || type == typeof(ushort)
            || type == typeof(uint)
            ? FieldKind.Integer
            : null;
    }
}
