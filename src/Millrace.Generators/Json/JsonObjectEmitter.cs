using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the body of the converter of a record, class or struct.</summary>
internal sealed class JsonObjectEmitter(CodeWriter code, JsonCode expressions, JsonShape shape, string label)
{
    private static readonly HashSet<string> ReservedNames =
        new(StringComparer.Ordinal) { "reader", "member", "result", "value", "writer", "next", "name", "exception" };

    private readonly ObjectFactoryEmitter _factory = new(code, shape, label, ReservedNames);
    private readonly string _type = shape.Type.Name;

    /// <summary>
    /// Gets the names of all members that the reader recognizes. The discriminator of a variant comes first.
    /// </summary>
    private IEnumerable<string> Names => (shape.Discriminator is { } name ? [name] : Array.Empty<string>())
        .Concat(_factory.Readable.Select(member => member.JsonName));

    public void Write()
    {
        if (shape.DiscriminatorValue is not null)
            code.Line(
                "private static readonly JsonEncodedText Discriminator = "
                    + $"JsonEncodedText.Encode({shape.Discriminator!.Literal()});"
            );
        foreach (var member in shape.Members)
        {
            var encoded = $"JsonEncodedText.Encode({member.JsonName.Literal()})";
            code.Line($"private static readonly JsonEncodedText {JsonCode.NameField(member)} = {encoded};");
        }
        if (Names.Any())
        {
            var names = string.Join(", ", Names.Select(name => name.Literal()));
            code.Line().Line($"private static readonly MemberNames Members = new({names});");
        }
        code.Line().Open($"public static {_type} ReadValue({JsonEmitter.ReaderParameter}, string member)")
            .Line($"JsonRead.Object(ref reader, member);");
        _factory.WriteLocals();
        WriteLoop();
        _factory.WriteChecks();
        _factory.WriteCreation();
        code.Close().Line();
        WriteWriting();
        _factory.WriteAccessors();
    }

    private void WriteLoop()
    {
        var members = _factory.Readable.ToList();
        var firstMemberIndex = shape.Discriminator is null ? 0 : 1;
        if (!Names.Any())
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
        if (firstMemberIndex == 1)
            code.Line($"case 0: // {CodeWriter.Comment(shape.Discriminator!)}").Inner("reader.Skip();").Inner("break;");
        for (var index = 0; index < members.Count; index++)
        {
            code.Line($"case {(index + firstMemberIndex).Literal()}: // {CodeWriter.Comment(members[index].JsonName)}");
            _factory.WriteRead(
                members[index],
                expressions.Values.ReadExpression(members[index].Type, members[index].JsonName.Literal()));
        }
        code.Line("default:")
            .Inner(shape.Extra is null ? "reader.Skip();" : KeepExtra())
            .Inner("break;")
            .Close()
            .Close();
    }

    // Called only if the shape has an extra member.
    private string KeepExtra() =>
        $"JsonRead.Extra(ref {_factory.Local(shape.Extra!)}, ref name, ref reader);";

    private void WriteWriting()
    {
        code.Open($"public static void WriteValue({JsonEmitter.WriterParameter}, {_type} value)")
            .Line("writer.WriteStartObject();");
        if (shape.DiscriminatorValue is { } discriminator)
            code.Line(
                $"writer.{(discriminator[0] == '"' ? "WriteString" : "WriteNumber")}(Discriminator, {discriminator});");
        foreach (var member in shape.Members)
            expressions.WriteMember(code, member, "value." + Casing.Escaped(member.Name), label);
        if (shape.Extra is { } extra)
        {
            var names = Names.Any() ? "Members" : "null";
            code.Line($"JsonWrite.Extra(writer, value.{Casing.Escaped(extra.Name)}, {names}{_factory.WrittenOnly});");
        }
        code.Line("writer.WriteEndObject();").Close();
    }
}
