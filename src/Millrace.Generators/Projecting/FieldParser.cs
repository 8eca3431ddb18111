using Microsoft.CodeAnalysis;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>Parses the members of a document that are marked <c>[Indexed]</c> or <c>[Expires]</c>.</summary>
internal static class FieldParser
{
    private const string From = "global::Millrace.Storage.FieldValue.From";

    public static IReadOnlyList<FieldModel> Parse(
        ITypeSymbol document, INamedTypeSymbol projection, List<DiagnosticInfo> problems)
    {
        var fields = new List<FieldModel>();
        foreach (var property in document.ReadableProperties())
        {
            if (!document.HasMark(property, MetadataNames.Indexed)
                && !document.HasMark(property, MetadataNames.Expires))
                continue;
            if (property.IsForbiddenToRead())
                problems.AddRange(JsonMemberCheck.Forbidden(property, document, projection));
            else if (Describe(property.Type, "document." + Casing.Escaped(property.Name)) is { } field)
                fields.Add(new(property.Name, Casing.Camel(property.Name), field.Kind, field.Value, field.Type));
            else
                problems.Add(
                    DiagnosticInfo.At(
                        ProjectionDiagnostics.IndexedMember,
                        property.InSourceOr(projection),
                        property.Name,
                        document.Name));
        }
        return fields;
    }

    private static (string Kind, string Value, string Type)? Describe(ITypeSymbol type, string value)
    {
        if (type is INamedTypeSymbol
            {
                OriginalDefinition.SpecialType: SpecialType.System_Nullable_T,
                TypeArguments: [var underlying]
            }
        )
        {
            return Describe(underlying, "given") is { } inner
                ? (
                    inner.Kind,
                    $"{value} is {{ }} given ? {inner.Value} : global::Millrace.Storage.FieldValue.Null",
                    inner.Type)
                : null;
        }
        if ((type.Attribute(MetadataNames.Id) ?? type.Attribute(MetadataNames.Value))?.AttributeClass is
            { TypeArguments: [var wrapped] }
        )
            return Describe(wrapped, value + ".Value");
        if (type.TypeKind == TypeKind.Enum)
            return (KindOf((INamedTypeSymbol)type), $"{From}({value})", type.FullName());
        return Primitive.Find(type) is { Field: { } kind } found ? (kind, $"{From}({value})", found.CSharp) : null;
    }

    /// <summary>
    /// Returns the kind of a field with an enumeration. The numbers of an enumeration define its order, and some of
    /// them do not fit into a signed integer.
    /// </summary>
    private static string KindOf(INamedTypeSymbol enumeration) =>
        enumeration.EnumUnderlyingType?.SpecialType == SpecialType.System_UInt64 ? "Decimal" : "Integer";
}
