using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes expressions and statements for values of a type, in any format.</summary>
internal sealed class ValueCode(JsonNames names, FormatSyntax syntax)
{
    /// <summary>Returns an expression that reads a value of the type at the reader's position.</summary>
    public string ReadExpression(JsonType type, string member)
    {
        var value = type.Form switch
        {
            JsonShapeKind.Primitive => $"{syntax.Reading}.{type.Primitive!.Name}(ref reader, {member})",
            JsonShapeKind.Wrapper => $"{type.Name}.{syntax.WrapperReader}(ref reader, {member})",
            JsonShapeKind.Nullable => ReadExpression(type.Item!, member),
            _ => $"{syntax.NameOf(type)}.ReadValue(ref reader, {member})",
        };
        var nullable = type.Form == JsonShapeKind.Nullable ? type.Name : type.Name + "?";
        return type.AllowsNull ? $"{syntax.Reading}.IsNull(ref reader) ? default({nullable}) : {value}" : value;
    }

    /// <summary>Returns an expression that reads the key at the reader's position.</summary>
    public string ReadKey(JsonType key) => key switch
    {
        { Form: JsonShapeKind.Primitive, Primitive.Name: "String" } => syntax.TextKey,
        { Form: JsonShapeKind.Enum, Detail: JsonType.Flags } =>
            $"({key.Name}){syntax.Reading}.Key<{key.Primitive!.CSharp}>(ref reader, member)",
        { Form: JsonShapeKind.Enum } => $"{syntax.NameOf(key)}.ReadValue(ref reader, member)",
        _ => $"{syntax.Reading}.Key<{key.Name}>(ref reader, member)",
    };

    /// <summary>Returns an expression for the text of a key, which is the same in all formats.</summary>
    public string KeyText(JsonType key, string value) => key.Form switch
    {
        JsonShapeKind.Enum => $"{names.Of(key)}.TextOf({value})",
        JsonShapeKind.Wrapper => key.Primitive!.TextOf(value + ".Value"),
        _ => key.Primitive!.TextOf(value),
    };

    /// <summary>Writes the statements for a value in a list or a dictionary.</summary>
    public void WriteItem(CodeWriter code, JsonType type, string value, string owner)
    {
        if (!type.AllowsNull)
        {
            code.Line(Statement(type, NotNull(type, value, "item", owner), "item", owner) + ";");
            return;
        }
        code.Line($"if ({value} is {{ }} present)")
            .Inner(Statement(Given(type), "present", "item", owner) + ";")
            .Line("else")
            .Inner(syntax.WriteNull + ";");
    }

    /// <summary>Returns a statement, without semicolon, that writes a non-null value.</summary>
    public string Statement(JsonType type, string value, string member, string owner) =>
        type.Form switch
        {
            JsonShapeKind.Primitive => syntax.Write(type.Primitive!, value),
            JsonShapeKind.Wrapper => syntax.Write(type.Primitive!, value + ".Value"),
            JsonShapeKind.Polymorphic =>
                $"{syntax.NameOf(type)}.WriteValue({syntax.Writer}, {value}, {member.Literal()}, {owner.Literal()})",
            _ when type.IsOpen =>
                $"{syntax.NameOf(type)}.WriteValue({syntax.Writer}, JsonWrite.Exact({value}, {member.Literal()}, "
                    + $"{owner.Literal()}))",
            _ => $"{syntax.NameOf(type)}.WriteValue({syntax.Writer}, {value})",
        };

    /// <summary>Returns the type of a non-null value.</summary>
    public static JsonType Given(JsonType type) => type.Form == JsonShapeKind.Nullable ? type.Item! : type;

    /// <summary>
    /// Returns an expression for the value. It throws if a reference is null, even if the type allows null.
    /// </summary>
    public static string NotNull(JsonType type, string value, string member, string owner) =>
        type.IsReference ? $"{value} ?? throw JsonWrite.Missing({member.Literal()}, {owner.Literal()})" : value;
}
