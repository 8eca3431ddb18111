namespace Millrace.Generators;

/// <summary>Writes the body of the converter of a record, class or struct.</summary>
internal sealed class JsonObjectEmitter(CodeWriter code, JsonCode expressions, JsonShape shape, string label)
{
    private static readonly HashSet<string> Taken =
        new(StringComparer.Ordinal) { "reader", "member", "result", "value", "writer", "next", "name", "exception" };

    private readonly string _type = shape.Type.Name;

    /// <summary>Whether members that were written come back among those that are not known, and are not to be written twice.</summary>
    private bool HasWrittenOnly => shape.Extra is not null && shape.Members.Any(member => member.Target == MemberTarget.None);

    private IEnumerable<JsonMember> Readable => shape.Members.Where(member => member.Target != MemberTarget.None);

    public void Write()
    {
        foreach (var member in shape.Members)
        {
            var encoded = $"JsonEncodedText.Encode({member.JsonName.Literal()})";
            code.Line($"private static readonly JsonEncodedText {JsonCode.NameField(member)} = {encoded};");
        }
        if (Readable.Any())
        {
            var names = string.Join(", ", Readable.Select(member => member.JsonName.Literal()));
            code.Line().Line($"private static readonly MemberNames Members = new({names});");
        }
        if (HasWrittenOnly)
        {
            var written = string.Join(", ", shape.Members.Select(member => member.JsonName.Literal()));
            code.Line().Line($"private static readonly MemberNames Written = new({written});");
        }
        code.Line().Open($"public static {_type} ReadValue({JsonEmitter.Reader}, string member)");
        WriteLocals();
        WriteLoop();
        WriteChecks();
        WriteMaking();
        code.Close().Line();
        WriteWriting();
        foreach (var member in Readable.Where(member => member.Target == MemberTarget.InitAccessor))
            WriteAccessor(member);
    }

    private void WriteLocals()
    {
        code.Line($"JsonRead.Object(ref reader, member);");
        foreach (var member in Readable)
        {
            var initial = member.Default == "default!" && member.Type.AllowsNull ? "null" : member.Default;
            code.Line($"{Declared(member.Type)} {Local(member)} = {initial};");
            if (NeedsFlag(member))
                code.Line($"var {Flag(member)} = false;");
        }
        if (shape.Extra is { } extra)
            code.Line($"global::System.Collections.Generic.Dictionary<string, JsonElement>? {Local(extra)} = null;");
    }

    private void WriteLoop()
    {
        var members = Readable.ToList();
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
            WriteCase(members[index], index);
        code.Line("default:").Inner(shape.Extra is null ? "reader.Skip();" : KeepExtra()).Inner("break;").Close().Close();
    }

    private string KeepExtra() => $"JsonRead.Extra(ref {Local(shape.Extra!)}, ref name, ref reader);"; // Asked only where there is one.

    private void WriteCase(JsonMember member, int index)
    {
        code.Line($"case {index.Literal()}: // {member.JsonName}")
            .Inner($"{Local(member)} = {expressions.ReadExpression(member.Type, member.JsonName.Literal())};");
        if (NeedsFlag(member))
            code.Inner($"{Flag(member)} = true;");
        code.Inner("break;");
    }

    private void WriteChecks()
    {
        foreach (var member in Readable.Where(member => member.IsRequired))
        {
            code.Line(NeedsFlag(member) ? $"if (!{Flag(member)})" : $"if ({Local(member)} is null)")
                .Inner($"throw JsonRead.Missing({member.JsonName.Literal()}, {label.Literal()});");
        }
    }

    private void WriteMaking()
    {
        var all = shape.Extra is { } extra ? Readable.Append(extra).ToList() : [.. Readable];
        var arguments = string.Join(", ", all
            .Where(member => member.Target == MemberTarget.Constructor)
            .Select(member => $"{Casing.Escaped(member.Parameter!)}: {Value(member)}"));
        var set = all.Where(member => member.Target == MemberTarget.Initializer).ToList();
        var settings = string.Join(", ", set.Select(member => $"{Casing.Escaped(member.Name)} = {Value(member)}"));
        var initializer = set.Count == 0 ? "" : $" {{ {settings} }}";
        var late = Readable.Where(member => member.Target is MemberTarget.Setter or MemberTarget.InitAccessor).ToList();
        var made = $"new {_type}({arguments}){initializer};";
        if (shape.ConstructorMayRefuse)
        {
            code.Line($"{_type} result;").Open("try").Line("result = " + made).Close()
                .Line("catch (global::System.Exception exception)")
                .Inner("when (exception is global::Millrace.InvalidValueException or global::System.ArgumentException)")
                .Open("")
                .Line($"throw JsonRead.Invalid(member, {label.Literal()}, exception.Message);")
                .Close();
        }
        else
        {
            code.Line(late.Count == 0 ? "return " + made : "var result = " + made);
        }
        foreach (var member in late)
            code.Line($"if ({Flag(member)})").Inner(SetStatement(member));
        if (late.Count > 0 || shape.ConstructorMayRefuse)
            code.Line("return result;");
    }

    private string SetStatement(JsonMember member) => member.Target == MemberTarget.Setter
        ? $"result.{Casing.Escaped(member.Name)} = {Local(member)};"
        : $"{SetterOf(member)}({(shape.Type.IsReference ? "" : "ref ")}result, {Local(member)});";

    private void WriteWriting()
    {
        code.Open($"public static void WriteValue({JsonEmitter.Writer}, {_type} value)")
            .Line("writer.WriteStartObject();");
        foreach (var member in shape.Members)
            expressions.WriteMember(code, member, "value." + Casing.Escaped(member.Name), label);
        if (shape.Extra is { } extra)
        {
            var names = HasWrittenOnly ? "Written" : Readable.Any() ? "Members" : "null";
            code.Line($"JsonWrite.Extra(writer, value.{Casing.Escaped(extra.Name)}, {names});");
        }
        code.Line("writer.WriteEndObject();").Close();
    }

    private static string SetterOf(JsonMember member) =>
        member.Generic is { } generic ? $"{member.Name}Setter<{generic.Arguments}>.Set" : "Set" + member.Name;

    private void WriteAccessor(JsonMember member)
    {
        var target = $"{(shape.Type.IsReference ? "" : "ref ")}{member.Generic?.Target ?? member.Declaring} target";
        code.Line();
        if (member.Generic is { } generic)
        {
            code.Open($"private static class {member.Name}Setter<{generic.Parameters}>{generic.Constraints}");
            WriteAccessor(member, $"public static extern void Set({target}, {generic.Value} value);");
            code.Close();
            return;
        }
        WriteAccessor(member, $"private static extern void Set{member.Name}({target}, {Declared(member.Type)} value);");
    }

    private void WriteAccessor(JsonMember member, string declaration) =>
        code.Line($"[global::System.Runtime.CompilerServices.UnsafeAccessor("
                + $"global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = \"set_{member.Name}\")]")
            .Line(declaration);

    private static string Declared(JsonType type) => type.AllowsNull && type.Form != JsonForm.Nullable ? type.Name + "?" : type.Name;

    /// <summary>References that must be there show it by not being null; all others that matter need a flag.</summary>
    private static bool NeedsFlag(JsonMember member) =>
        (member.IsRequired && !member.Type.IsReference) || member.Target is MemberTarget.Setter or MemberTarget.InitAccessor;

    /// <summary>Upper case, so that it is no local of another member, which begin in lower case.</summary>
    private static string Flag(JsonMember member) => "Has" + member.Name;

    private string Value(JsonMember member) =>
        member == shape.Extra && !member.Type.AllowsNull ? $"{Local(member)} ?? []" : Local(member);

    private static string Local(JsonMember member) =>
        Taken.Contains(Casing.Camel(member.Name)) ? Casing.Camel(member.Name) + "_" : Casing.Local(member.Name);

}
