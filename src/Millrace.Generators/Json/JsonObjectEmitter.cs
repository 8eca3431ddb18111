namespace Millrace.Generators;

/// <summary>Writes the body of the converter of a record, class or struct.</summary>
internal sealed class JsonObjectEmitter(CodeWriter code, JsonCode expressions, JsonShape shape, string label)
{
    private static readonly HashSet<string> Taken =
        new(StringComparer.Ordinal) { "reader", "member", "result", "value", "writer", "next", "name", "exception" };

    private readonly ObjectMaking _making = new(code, shape, label, Taken);
    private readonly string _type = shape.Type.Name;

    public void Write()
    {
        foreach (var member in shape.Members)
        {
            var encoded = $"JsonEncodedText.Encode({member.JsonName.Literal()})";
            code.Line($"private static readonly JsonEncodedText {JsonCode.NameField(member)} = {encoded};");
        }
        if (_making.Readable.Any())
        {
            var names = string.Join(", ", _making.Readable.Select(member => member.JsonName.Literal()));
            code.Line().Line($"private static readonly MemberNames Members = new({names});");
        }
        code.Line().Open($"public static {_type} ReadValue({JsonEmitter.Reader}, string member)")
            .Line($"JsonRead.Object(ref reader, member);");
        _making.WriteLocals();
        WriteLoop();
        _making.WriteChecks();
        _making.WriteMaking();
        code.Close().Line();
        WriteWriting();
        _making.WriteAccessors();
    }

    private void WriteLoop()
    {
        var members = _making.Readable.ToList();
        if (members.Count == 0)
        {
            if (shape.Extra is not null)
            {
                code.Open("while (JsonRead.Member(ref reader))")
                    .Line("var name = reader;").Line("reader.Read();").Line(KeepExtra())
                    .Close();
            }
            else
            {
                code.Line("while (JsonRead.Member(ref reader))").Inner("reader.Skip();");
            }
            return;
        }
        code.Line("var next = 0;")
            .Open("while (JsonRead.Member(ref reader))");
        if (shape.Extra is not null)
            code.Line("var name = reader;");
        code.Open("switch (Members.Find(ref reader, ref next))");
        for (var index = 0; index < members.Count; index++)
        {
            code.Line($"case {index.Literal()}: // {members[index].JsonName}");
            _making.WriteRead(members[index], expressions.Values.ReadExpression(members[index].Type, members[index].JsonName.Literal()));
        }
        code.Line("default:").Inner(shape.Extra is null ? "reader.Skip();" : KeepExtra()).Inner("break;").Close().Close();
    }

    private string KeepExtra() =>
        $"JsonRead.Extra(ref {_making.Local(shape.Extra!)}, ref name, ref reader);"; // Asked only where there is one.

    private void WriteWriting()
    {
        code.Open($"public static void WriteValue({JsonEmitter.Writer}, {_type} value)")
            .Line("writer.WriteStartObject();");
        foreach (var member in shape.Members)
            expressions.WriteMember(code, member, "value." + Casing.Escaped(member.Name), label);
        if (shape.Extra is { } extra)
        {
            var names = _making.Readable.Any() ? "Members" : "null";
            code.Line($"JsonWrite.Extra(writer, value.{Casing.Escaped(extra.Name)}, {names}{_making.WrittenOnly});");
        }
        code.Line("writer.WriteEndObject();").Close();
    }
}
