namespace Millrace.Generators;

/// <summary>Expressions and statements that read and write a value of a type.</summary>
internal sealed class JsonCode(JsonNames names)
{
    private const string Read = "JsonRead";
    private const string Write = "JsonWrite";

    /// <summary>A statement, without semicolon, that writes a primitive as a value.</summary>
    public static string WriteValue(Primitive primitive, string value) => primitive.Writer is { } writer
        ? $"writer.Write{writer}Value({value})"
        : $"{Write}.{primitive.Name}(writer, {value})";

    /// <summary>An expression that reads a value of the type from where the reader stands.</summary>
    public string ReadExpression(JsonType type, string member)
    {
        var value = type.Form switch
        {
            JsonForm.Primitive => $"{Read}.{type.Primitive!.Name}(ref reader, {member})",
            JsonForm.Wrapper => $"{type.Name}.ReadJson(ref reader, {member})",
            JsonForm.Nullable => ReadExpression(type.Item!, member),
            _ => $"{names.Of(type)}.ReadValue(ref reader, {member})",
        };
        var nullable = type.Form == JsonForm.Nullable ? type.Name : type.Name + "?";
        return type.AllowsNull ? $"{Read}.IsNull(ref reader) ? default({nullable}) : {value}" : value;
    }

    /// <summary>An expression that reads a key from the member's name that the reader stands at.</summary>
    public string ReadKey(JsonType key) => key switch
    {
        { Form: JsonForm.Primitive, Primitive.Name: "String" } => "reader.GetString()!",
        { Form: JsonForm.Enum, Detail: JsonType.Flags } => $"({key.Name}){Read}.Key<{key.Primitive!.CSharp}>(ref reader, member)",
        { Form: JsonForm.Enum } => $"{names.Of(key)}.ReadValue(ref reader, member)",
        _ => $"{Read}.Key<{key.Name}>(ref reader, member)",
    };

    /// <summary>An expression for the text of a key.</summary>
    public string KeyText(JsonType key, string value) => key.Form switch
    {
        JsonForm.Enum => $"{names.Of(key)}.TextOf({value})",
        JsonForm.Wrapper => key.Primitive!.TextOf(value + ".Value"),
        _ => key.Primitive!.TextOf(value),
    };

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
            .Inner("writer.WriteNullValue();");
    }

    /// <summary>Writes the statements that write a member with its name; null is left out.</summary>
    public void WriteMember(CodeWriter code, JsonMember member, string value, string owner)
    {
        var type = member.Type;
        if (member.LeavesOutDefault)
        {
            var comparer = $"global::System.Collections.Generic.EqualityComparer<{type.Name}>.Default";
            code.Open($"if (!{comparer}.Equals({value}, default))");
            WriteMember(code, member with { LeavesOutDefault = false }, value, owner);
            code.Close();
            return;
        }
        if (!type.AllowsNull)
        {
            foreach (var statement in MemberStatements(type, member, NotNull(type, value, member.JsonName, owner)))
                code.Line(statement);
            return;
        }
        var local = Casing.Camel(member.Name) + "Given";
        code.Open($"if ({value} is {{ }} {local})");
        foreach (var statement in MemberStatements(type.Form == JsonForm.Nullable ? type.Item! : type, member, local))
            code.Line(statement);
        code.Close();
    }

    private IEnumerable<string> MemberStatements(JsonType type, JsonMember member, string value)
    {
        var name = NameField(member);
        if (type is { Form: JsonForm.Primitive or JsonForm.Wrapper, Primitive.Writer: { } writer })
        {
            yield return $"writer.Write{writer}({name}, {(type.Form == JsonForm.Wrapper ? value + ".Value" : value)});";
            yield break;
        }
        yield return $"writer.WritePropertyName({name});";
        yield return ValueStatement(type, value) + ";";
    }

    private string ValueStatement(JsonType type, string value) => type.Form switch
    {
        JsonForm.Primitive => WriteValue(type.Primitive!, value),
        JsonForm.Wrapper => WriteValue(type.Primitive!, value + ".Value"),
        _ => $"{names.Of(type)}.WriteValue(writer, {value})",
    };

    public static string NameField(JsonMember member) => member.Name + "Name";

    private static string NotNull(JsonType type, string value, string member, string owner) =>
        type.IsReference ? $"{value} ?? throw {Write}.Missing({member.Literal()}, {owner.Literal()})" : value;
}
