using System.Globalization;
using System.Text;
using Millrace.Generators.Json;

namespace Millrace.Generators.Marks;

/// <summary>Finds the JSON that can replace an erased value of a member, so that its type can still be read.</summary>
internal static class ErasedValues
{
    public const string DefaultJson = "\"[erased]\"";

    /// <summary>Returns the possible JSON values, the preferred value first; none if the type has none.</summary>
    public static IReadOnlyList<string> Of(JsonType type, string? erasedText)
    {
        var inner = type.Form == JsonShapeKind.Nullable ? type.Item! : type; // A nullable has an item.
        var value = ValueOf(inner, erasedText);
        if (!type.AllowsNull)
            return value is null ? [] : [value];
        var isPreferred = erasedText is not null && IsText(inner);
        return value is null ? ["null"] : isPreferred ? [value, "null"] : ["null", value];
    }

    /// <summary>
    /// Returns true if the erased text is checked by the rule of the member's type. Generated code calls the rule when
    /// the model is registered.
    /// </summary>
    public static bool IsCheckedText(JsonType type, string? erasedText)
    {
        var inner = type.Form == JsonShapeKind.Nullable ? type.Item! : type; // A nullable has an item.
        return erasedText is not null
            && inner is { Form: JsonShapeKind.Wrapper, AcceptsAnyText: false }
            && IsText(inner);
    }

    private static bool IsText(JsonType type) =>
        type is { Form: JsonShapeKind.Primitive or JsonShapeKind.Wrapper, Primitive.Name: "String" };

    private static string? ValueOf(JsonType type, string? erasedText) => type.Form switch
    {
        JsonShapeKind.Primitive => ValueOf(type.Primitive!, erasedText), // A primitive has its description.
        // No id is empty.
        JsonShapeKind.Wrapper when IsText(type) && erasedText is { Length: > 0 } => Text(erasedText),
        JsonShapeKind.Wrapper when type.AcceptsAnyText && erasedText is null => DefaultJson,
        JsonShapeKind.List => "[]",
        JsonShapeKind.Map => "{}",
        _ => null,
    };

    private static string? ValueOf(Primitive primitive, string? erasedText) => primitive.Name switch
    {
        "String" or "Element" => Text(erasedText),
        "Boolean" => "false",
        "Char" => null,
        "Guid" => "\"00000000-0000-0000-0000-000000000000\"",
        "DateTime" => "\"0001-01-01T00:00:00\"",
        "DateTimeOffset" => "\"0001-01-01T00:00:00+00:00\"",
        "DateOnly" => "\"0001-01-01\"",
        "TimeOnly" or "TimeSpan" => "\"00:00:00\"",
        "Uri" => "\"about:blank\"",
        "Bytes" => "\"\"",
        _ => "0",
    };

    private static string Text(string? text) => text is null ? DefaultJson : Quoted(text);

    private static string Quoted(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\')
                json.Append('\\').Append(letter);
            else if (letter < ' ' || char.IsSurrogate(letter))
                json.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            else
                json.Append(letter);
        }
        return json.Append('"').ToString();
    }
}
