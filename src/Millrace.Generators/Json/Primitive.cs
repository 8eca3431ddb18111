using Microsoft.CodeAnalysis;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>A type with built-in support in JSON, ids and values.</summary>
/// <param name="Name">The name of the type, which is also the name of its methods in <c>JsonRead</c> and
/// <c>JsonWrite</c>.</param>
/// <param name="CSharp">The name in C#.</param>
/// <param name="Definition">The name in metadata.</param>
/// <param name="Writer">The suffix of the JSON writer's methods, such as <c>Number</c>, or null if the code calls
/// <c>JsonWrite</c>.</param>
/// <param name="Format">The format of the text as code, or null for the default format of <c>ToString()</c>.</param>
/// <param name="Field">The kind of field in a document, or null if the type cannot be indexed.</param>
/// <param name="IsWrappable">True if an id or a value can wrap the type, and the text of a value can be a key.</param>
internal sealed record Primitive(
    string Name,
    string CSharp,
    string Definition,
    string? Writer,
    string? Format,
    string? Field,
    bool IsWrappable)
{
    private static readonly Primitive[] All =
    [
        new("String", "string", "System.String", "String", null, "Text", true),
        new("Boolean", "bool", "System.Boolean", "Boolean", null, "Integer", false),
        new("Char", "char", "System.Char", null, null, "Integer", false),
        Number("SByte", "sbyte", "Integer"),
        Number("Byte", "byte", "Integer"),
        Number("Int16", "short", "Integer"),
        Number("UInt16", "ushort", "Integer"),
        Number("Int32", "int", "Integer"),
        Number("UInt32", "uint", "Integer"),
        Number("Int64", "long", "Integer"),
        Number("UInt64", "ulong", "Decimal"),
        Number("Single", "float", "Real"),
        Number("Double", "double", "Real"),
        Number("Decimal", "decimal", "Decimal"),
        System("Guid", "String", "\"D\"", "Text"),
        System("DateTime", "String", "\"O\"", "Ticks"),
        System("DateTimeOffset", "String", "\"O\"", "Ticks"),
        System("DateOnly", null, "\"O\"", "Text"),
        System("TimeOnly", null, "\"O\"", "Ticks"),
        System("TimeSpan", null, "\"c\"", "Ticks"),
        new("Uri", "global::System.Uri", "System.Uri", null, null, null, false),
        new("Bytes", "byte[]", "", "Base64String", null, null, false),
        new("Element", "global::System.Text.Json.JsonElement", "System.Text.Json.JsonElement", null, null, null, false),
    ];

    private static readonly Dictionary<string, Primitive> ByDefinition = All.Where(primitive =>
            primitive.Definition.Length > 0)
        .ToDictionary(primitive => primitive.Definition, StringComparer.Ordinal);

    public bool IsReference => Name is "String" or "Uri" or "Bytes";

    public static Primitive? Find(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte })
            return All.First(primitive => primitive.Name == "Bytes");
        var isCandidate = type is INamedTypeSymbol { IsGenericType: false };
        return isCandidate && ByDefinition.TryGetValue(type.DefinitionName(), out var found) ? found : null;
    }

    /// <summary>Returns an expression for the invariant text of a value.</summary>
    public string TextOf(string value) => this switch
    {
        { Name: "String" } => value,
        { Name: "Boolean" } => $"({value} ? \"true\" : \"false\")",
        { Format: null } => $"{value}.ToString()",
        _ => $"{value}.ToString({Format}, global::System.Globalization.CultureInfo.InvariantCulture)",
    };

    private static Primitive Number(string name, string csharp, string? field) =>
        new(name, csharp, "System." + name, "Number", "null", field, true);

    private static Primitive System(string name, string? writer, string format, string? field) =>
        new(name, "global::System." + name, "System." + name, writer, format, field, true);
}
