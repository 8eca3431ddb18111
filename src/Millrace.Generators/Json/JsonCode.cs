using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes statements for JSON values and members.</summary>
internal sealed class JsonCode(JsonNames names)
{
    /// <summary>Gets the code for values.</summary>
    public ValueCode Values { get; } = new(names, new FormatSyntax(
        "JsonRead", "ReadJson", "reader.GetString()!", "writer", "writer.WriteNullValue()", names.Of, WriteValue));

    /// <summary>Returns the name of the field that contains the encoded name of a member.</summary>
    public static string NameField(JsonMember member) => member.Name + "Name";

    /// <summary>Returns a statement, without semicolon, that writes a primitive.</summary>
    public static string WriteValue(Primitive primitive, string value) => primitive.Writer is { } writer
        ? $"writer.Write{writer}Value({value})"
        : $"JsonWrite.{primitive.Name}(writer, {value})";

    /// <summary>Writes the statements that write the name and the value of a member. They omit a null member.</summary>
    public void WriteMember(CodeWriter code, JsonMember member, string value, string owner)
    {
        var type = member.Type;
        if (member.LeavesOutDefault)
        {
            code.Open($"if (!JsonWrite.IsDefault({value}))");
            WriteMember(code, member with { LeavesOutDefault = false }, value, owner);
            code.Close();
            return;
        }
        if (!type.AllowsNull)
        {
            foreach (var statement in MemberStatements(
                    type, member, ValueCode.NotNull(type, value, member.JsonName, owner), owner))
                code.Line(statement);
            return;
        }
        var local = member.Name + "Given"; // Two members may differ only in case, so the case is unchanged.
        code.Open($"if ({value} is {{ }} {local})");
        foreach (var statement in MemberStatements(ValueCode.Given(type), member, local, owner))
            code.Line(statement);
        code.Close();
        if (member.WritesNull)
            code.Line("else").Inner($"writer.WriteNull({NameField(member)});");
    }

    private IEnumerable<string> MemberStatements(JsonType type, JsonMember member, string value, string owner)
    {
        var name = NameField(member);
        if (type is { Form: JsonShapeKind.Primitive or JsonShapeKind.Wrapper, Primitive.Writer: { } writer })
        {
            yield return $"writer.Write{writer}({name}, "
                + $"{(type.Form == JsonShapeKind.Wrapper ? value + ".Value" : value)});";
            yield break;
        }
        yield return $"writer.WritePropertyName({name});";
        yield return Values.Statement(type, value, member.JsonName, owner) + ";";
    }
}
