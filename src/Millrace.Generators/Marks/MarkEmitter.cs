using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Marks;

/// <summary>Writes the registration of marked members.</summary>
internal static class MarkEmitter
{
    /// <param name="code">The writer.</param>
    /// <param name="method">The method of the model builder.</param>
    /// <param name="types">The marked members by type.</param>
    public static void Write(CodeWriter code, string method, IEnumerable<MarkedType> types)
    {
        foreach (var type in types)
        {
            WriteChecks(code, type);
            code.Line($"model.{method}(").Inner($"{type.Name.Literal()},");
            WriteMembers(code, type);
        }
    }

    /// <summary>Writes the registration of the marked members of messages.</summary>
    public static void WriteMessages(CodeWriter code, IEnumerable<MarkedType> types)
    {
        foreach (var type in types)
        {
            WriteChecks(code, type);
            code.Line($"model.ProtectMessage<{type.Name}>(");
            WriteMembers(code, type);
        }
    }

    private static void WriteChecks(CodeWriter code, MarkedType type)
    {
        foreach (var member in type.Members.Where(member => member.CheckedType is not null))
            code.Line(
                $"_ = {member.CheckedType}.Parse({member.Mark.ErasedText!.Literal()}); // Throws if the rule of "
                    + "the type refuses the erased text."); // Only members with a text are checked.
    }

    private static void WriteMembers(CodeWriter code, MarkedType type)
    {
        for (var i = 0; i < type.Members.Count; i++)
            code.Inner(Code(type.Members[i]) + (i == type.Members.Count - 1 ? ");" : ","));
    }

    private static string Code(ResolvedMark member)
    {
        var properties = new List<string>();
        if (member.Subject is { } subject)
            properties.Add($"Subject = {subject.Literal()}");
        if (member.SubjectType is { } type)
            properties.Add($"SubjectType = {type.Literal()}");
        if (member.Mark.Kind != MemberMark.DefaultKind)
            properties.Add($"Kind = {member.Mark.Kind.Literal()}");
        if (member.Mark.IsSecret)
            properties.Add("IsSecret = true");
        if (FieldOf(member) is { } field)
            properties.Add($"Field = {field.Literal()}");
        if (member.ErasedJson != ErasedValues.DefaultJson)
            properties.Add($"ErasedJson = {member.ErasedJson.Literal()}");
        var creation = $"new global::Millrace.ProtectedMember({member.Path.Literal()})";
        return properties.Count == 0 ? creation : $"{creation} {{ {string.Join(", ", properties)} }}";
    }

    /// <summary>Returns the name of the indexed field of a member, or null if it is the name in JSON.</summary>
    private static string? FieldOf(ResolvedMark member)
    {
        var field = Casing.Camel(member.Mark.Member.Name);
        var isOther = member.Path.LastIndexOf('/') == 0 && member.Path != "/" + field;
        return member.Mark.IsIndexed && isOther ? field : null;
    }
}
