namespace Millrace.Generators;

/// <summary>Expressions and statements that read and write a value of a type as CBOR.</summary>
internal sealed class CborCode(JsonNames names)
{
    private const string Read = "CborRead";
    private const string Write = "CborWrite";

    /// <summary>An expression that reads a value of the type from where the reader stands.</summary>
    public string ReadExpression(JsonType type, string member)
    {
        var value = type.Form switch
        {
            JsonForm.Primitive => $"{Read}.{type.Primitive!.Name}(ref reader, {member})",
            JsonForm.Wrapper => $"{type.Name}.ReadCbor(ref reader, {member})",
            JsonForm.Nullable => ReadExpression(type.Item!, member),
            _ => $"{names.CborOf(type)}.ReadValue(ref reader, {member})",
        };
        var nullable = type.Form == JsonForm.Nullable ? type.Name : type.Name + "?";
        return type.AllowsNull ? $"{Read}.IsNull(ref reader) ? default({nullable}) : {value}" : value;
    }

    /// <summary>An expression that reads a key.</summary>
    public string ReadKey(JsonType key) => key switch
    {
        { Form: JsonForm.Primitive, Primitive.Name: "String" } => $"{Read}.KeyText(ref reader)",
        { Form: JsonForm.Enum, Detail: JsonType.Flags } => $"({key.Name}){Read}.Key<{key.Primitive!.CSharp}>(ref reader, member)",
        { Form: JsonForm.Enum } => $"{names.CborOf(key)}.ReadValue(ref reader, member)",
        _ => $"{Read}.Key<{key.Name}>(ref reader, member)",
    };

    /// <summary>An expression for the text of a key: that which it has in JSON.</summary>
    public string KeyText(JsonType key, string value) => new JsonCode(names).KeyText(key, value);

    /// <summary>Writes the statements that write a value that stands in an array or a dictionary.</summary>
    public void WriteItem(CodeWriter code, JsonType type, string value, string owner)
    {
        if (!type.AllowsNull)
        {
            code.Line(ValueStatement(type, NotNull(type, value, "item", owner)) + ";");
            return;
        }
        code.Line($"if ({value} is {{ }} present)")
            .Inner(ValueStatement(type.Form == JsonForm.Nullable ? type.Item! : type, "present") + ";")
            .Line("else")
            .Inner("writer.WriteNull();");
    }

    /// <summary>Writes the statements that write a member with its name; null is left out, and not counted.</summary>
    public void WriteMember(CodeWriter code, JsonMember member, int index, string owner)
    {
        var (type, value) = (member.Type, "value." + Casing.Escaped(member.Name));
        var name = $"writer.WriteName(Names, {index.Literal()});";
        if (member.LeavesOutDefault)
        {
            code.Open($"if (!global::System.Collections.Generic.EqualityComparer<{type.Name}>.Default.Equals({value}, default))")
                .Line(name).Line(ValueStatement(type, value) + ";").Line("written++;").Close();
            return;
        }
        if (!type.AllowsNull)
        {
            code.Line(name).Line(ValueStatement(type, NotNull(type, value, member.JsonName, owner)) + ";");
            return;
        }
        var local = Casing.Camel(member.Name) + "Given";
        code.Open($"if ({value} is {{ }} {local})")
            .Line(name)
            .Line(ValueStatement(type.Form == JsonForm.Nullable ? type.Item! : type, local) + ";")
            .Line("written++;")
            .Close();
    }

    public string ValueStatement(JsonType type, string value) => type.Form switch
    {
        JsonForm.Primitive => Primitively(type.Primitive!, value),
        JsonForm.Wrapper => Primitively(type.Primitive!, value + ".Value"),
        _ => $"{names.CborOf(type)}.WriteValue(ref writer, {value})",
    };

    private static string Primitively(Primitive primitive, string value) => primitive.Name switch
    {
        "String" => $"writer.WriteText({value})",
        "Boolean" => $"writer.WriteBoolean({value})",
        "Bytes" => $"writer.WriteBytes({value})",
        "SByte" or "Byte" or "Int16" or "UInt16" or "Int32" or "UInt32" or "Int64" or "UInt64" => $"writer.WriteWhole({value})",
        _ => $"{Write}.{primitive.Name}(ref writer, {value})",
    };

    private static string NotNull(JsonType type, string value, string member, string owner) =>
        type.IsReference ? $"{value} ?? throw JsonWrite.Missing({member.Literal()}, {owner.Literal()})" : value;
}
