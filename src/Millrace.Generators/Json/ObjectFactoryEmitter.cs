using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the code that creates an object from the members that were read, in any format.</summary>
/// <param name="code">The writer.</param>
/// <param name="shape">The object.</param>
/// <param name="label">The display name of the object's type.</param>
/// <param name="reserved">The names that locals cannot have.</param>
internal sealed class ObjectFactoryEmitter(CodeWriter code, JsonShape shape, string label, HashSet<string> reserved)
{
    private readonly string _type = shape.Type.Name;
    private readonly Dictionary<string, string> _locals = Locals(shape, reserved);

    public IEnumerable<JsonMember> Readable => shape.Members.Where(member => member.Target != MemberTarget.None);

    /// <summary>Gets further arguments: a comma and the name, for each member that is only written.</summary>
    public string WrittenOnly => string.Concat(
        shape.Members.Where(member => member.Target == MemberTarget.None)
            .Select(member => ", " + member.JsonName.Literal())
            .DefaultIfEmpty(", []"));

    public void WriteLocals()
    {
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

    /// <summary>Writes the statement that stores the value of a member that was read.</summary>
    public void WriteRead(JsonMember member, string expression)
    {
        code.Inner($"{Local(member)} = {expression};");
        if (NeedsFlag(member))
            code.Inner($"{Flag(member)} = true;");
        code.Inner("break;");
    }

    public void WriteChecks()
    {
        foreach (var member in Readable.Where(member => member.IsRequired))
        {
            code.Line(NeedsFlag(member) ? $"if (!{Flag(member)})" : $"if ({Local(member)} is null)")
                .Inner($"throw JsonRead.Missing({member.JsonName.Literal()}, {label.Literal()});");
        }
    }

    public void WriteCreation()
    {
        var all = shape.Extra is { } extra ? Readable.Append(extra).ToList() : [.. Readable];
        var arguments = string.Join(", ", all
            .Where(member => member.Target == MemberTarget.Constructor)
            .Select(member => $"{Casing.Escaped(member.Parameter!)}: {Value(member)}"));
        var set = all.Where(member => member.Target == MemberTarget.Initializer || member.IsSetAgain).ToList();
        var settings = string.Join(", ", set.Select(member => $"{Casing.Escaped(member.Name)} = {Value(member)}"));
        var initializer = set.Count == 0 ? "" : $" {{ {settings} }}";
        // The members that are set after the object is created.
        var late = Readable.Where(member => member.Target is MemberTarget.Setter or MemberTarget.InitAccessor).ToList();
        var creation = $"new {_type}({arguments}){initializer};";
        if (shape.ConstructorMayThrow)
        {
            code.Line($"{_type} result;").Open("try").Line("result = " + creation).Close()
                .Line("catch (global::System.Exception exception)")
                .Inner("when (exception is global::Millrace.InvalidValueException or global::System.ArgumentException)")
                .Open("")
                .Line($"throw JsonRead.Invalid(member, {label.Literal()}, exception.Message);")
                .Close();
        }
        else
        {
            code.Line(late.Count == 0 ? "return " + creation : "var result = " + creation);
        }
        foreach (var member in late)
            code.Line($"if ({Flag(member)})").Inner(SetStatement(member));
        if (late.Count > 0 || shape.ConstructorMayThrow)
            code.Line("return result;");
    }

    /// <summary>Writes accessors for the setters that only an initializer may call.</summary>
    public void WriteAccessors()
    {
        foreach (var member in Readable.Where(member => member.Target == MemberTarget.InitAccessor))
            WriteAccessor(member);
    }

    private void WriteAccessor(JsonMember member)
    {
        var target = $"{(shape.Type.IsReference ? "" : "ref ")}{member.Generic?.Target ?? member.Declaring} target";
        code.Line();
        if (member.Generic is { } generic)
        {
            code.Verbatim($"private static class {member.Name}Setter<{generic.Parameters}>{generic.Constraints}")
                .Open("");
            WriteAccessor(member, $"public static extern void Set({target}, {generic.Value} value);");
            code.Close();
            return;
        }
        WriteAccessor(
            member, $"private static extern void {member.Name}Setter({target}, {Declared(member.Type)} value);");
    }

    private void WriteAccessor(JsonMember member, string declaration) =>
        code.Line($"[global::System.Runtime.CompilerServices.UnsafeAccessor("
                + $"global::System.Runtime.CompilerServices.UnsafeAccessorKind.Method, Name = \"set_{member.Name}\")]")
            .Verbatim(declaration);

    public string Local(JsonMember member) => _locals[member.Name];

    /// <summary>
    /// Returns a unique name of a local for each member, even if the names of two members, such as <c>URL</c> and
    /// <c>Url</c>, differ only in case.
    /// </summary>
    private static Dictionary<string, string> Locals(JsonShape shape, HashSet<string> reserved)
    {
        var (locals, used) = (
            new Dictionary<string, string>(StringComparer.Ordinal),
            new HashSet<string>(reserved, StringComparer.Ordinal));
        foreach (var member in shape.Extra is { } extra ? shape.Members.Append(extra) : shape.Members)
        {
            var local = Casing.Camel(member.Name);
            while (!used.Add(local))
                local += "_";
            locals[member.Name] = Casing.Escaped(local);
        }
        return locals;
    }

    private string SetStatement(JsonMember member) => member.Target == MemberTarget.Setter
        ? $"result.{Casing.Escaped(member.Name)} = {Local(member)};"
        : $"{SetterOf(member)}({(shape.Type.IsReference ? "" : "ref ")}result, {Local(member)});";

    private static string SetterOf(JsonMember member) =>
        member.Name + "Setter" + (member.Generic is { } generic ? $"<{generic.Arguments}>.Set" : "");

    private static string Declared(JsonType type) =>
        type.AllowsNull && type.Form != JsonShapeKind.Nullable ? type.Name + "?" : type.Name;

    /// <summary>
    /// Returns true if a flag must record that a member was read. For a required reference, a check for null suffices.
    /// </summary>
    private static bool NeedsFlag(JsonMember member) =>
        (member.IsRequired && !member.Type.IsReference)
        || member.Target is MemberTarget.Setter or MemberTarget.InitAccessor;

    /// <summary>
    /// Returns the name of the flag of a member. It starts in upper case, because the locals of members start in lower
    /// case.
    /// </summary>
    private static string Flag(JsonMember member) => "Has" + member.Name;

    private string Value(JsonMember member) =>
        member == shape.Extra && !member.Type.AllowsNull ? $"{Local(member)} ?? []" : Local(member);
}
