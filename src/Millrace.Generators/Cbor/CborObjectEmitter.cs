using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Cbor;

/// <summary>Writes the code for a record, class or struct as a CBOR map of names and values.</summary>
internal sealed class CborObjectEmitter(CodeWriter code, CborCode expressions, JsonShape shape, string label)
{
    private static readonly HashSet<string> ReservedNames = new(StringComparer.Ordinal)
    {
        "reader",
        "member",
        "result",
        "value",
        "writer",
        "walk",
        "start",
        "written",
        "exception",
    };

    private readonly ObjectFactoryEmitter _factory = new(code, shape, label, ReservedNames);
    private readonly string _type = shape.Type.Name;
    // The discriminator of a variant comes before the members.
    private readonly int _firstMemberIndex = shape.Discriminator is null ? 0 : 1;

    public void Write()
    {
        var discriminator = shape.Discriminator is { } name ? [name] : Array.Empty<string>();
        var names = string.Join(
            ", ", discriminator.Concat(shape.Members.Select(member => member.JsonName)).Select(one => one.Literal()));
        code.Line($"private static readonly CborNames Names = new({names});")
            .Line()
            .Open($"public static {_type} ReadValue({CborEmitter.ReaderParameter}, string member)");
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
        var other = shape.Extra is { } extra
            ? $"walk.Keep(ref {_factory.Local(extra)}, ref reader);"
            : "reader.Skip();";
        code.Line("var walk = CborRead.Object(ref reader, Names, member);");
        if (shape.Members.Count + _firstMemberIndex == 0)
        {
            code.Line("while (walk.Next(ref reader))").Inner(other);
            return;
        }
        code.Open("while (walk.Next(ref reader))")
            .Open("switch (walk.Index)");
        if (_firstMemberIndex == 1)
            code.Line($"case 0: // {CodeWriter.Comment(shape.Discriminator!)}").Inner("reader.Skip();").Inner("break;");
        for (var index = 0; index < shape.Members.Count; index++)
        {
            var member = shape.Members[index];
            code.Line($"case {(index + _firstMemberIndex).Literal()}: // {CodeWriter.Comment(member.JsonName)}");
            if (member.Target == MemberTarget.None)
                code.Inner("reader.Skip();").Inner("break;");
            else
                _factory.WriteRead(member, expressions.Values.ReadExpression(member.Type, member.JsonName.Literal()));
        }
        code.Line("default:").Inner(other).Inner("break;").Close().Close();
    }

    private void WriteWriting()
    {
        var alwaysWritten =
            shape.Members.Count(member => member is { Type.AllowsNull: false, LeavesOutDefault: false });
        var isCounted = alwaysWritten < shape.Members.Count || shape.Extra is not null;
        if (shape.DiscriminatorValue is not null)
            alwaysWritten++;
        code.Open($"public static void WriteValue({CborEmitter.WriterParameter}, {_type} value)")
            .Line("var start = writer.StartContainer();");
        if (isCounted)
            code.Line($"var written = {alwaysWritten.Literal()};");
        if (shape.DiscriminatorValue is { } mark)
            code.Line("writer.WriteName(Names, 0);")
                .Line($"writer.{(mark[0] == '"' ? "WriteText" : "WriteWhole")}({mark});");
        for (var index = 0; index < shape.Members.Count; index++)
            expressions.WriteMember(code, shape.Members[index], index + _firstMemberIndex, label);
        if (shape.Extra is { } extra)
            code.Line(
                $"written += CborWrite.Extra(ref writer, value.{Casing.Escaped(extra.Name)}, "
                    + $"Names{_factory.WrittenOnly});"
            );
        code.Line($"writer.EndMap(start, {(isCounted ? "written" : alwaysWritten.Literal())});").Close();
    }
}
