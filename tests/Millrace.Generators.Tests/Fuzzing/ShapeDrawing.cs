namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates random declarations of records, classes and structs.</summary>
internal sealed class ShapeDrawing(SeededRandom chance, MemberDrawing members, string access)
{
    private readonly UnusualShapeDrawing _unusual = new(chance, members);
    private readonly List<DrawnParent> _bases = [];

    /// <summary>Returns the declaration of a type of any shape.</summary>
    /// <param name="name">The name of the type.</param>
    /// <param name="attributes">The attributes of the type.</param>
    /// <param name="interfaceName">The interface that the type implements, or an empty string.</param>
    /// <param name="mark">The attribute of some members, or an empty string.</param>
    public string Draw(string name, string attributes = "", string interfaceName = "", string mark = "")
    {
        var prefix = $"{attributes}{access} ";
        var code = Draw(prefix, name, mark);
        if (interfaceName.Length == 0)
            return code;
        // The interface is inserted after the parameters or the name, before the body.
        var body = code.IndexOf(" { ", code.IndexOf(' ' + name, StringComparison.Ordinal), StringComparison.Ordinal);
        while (body > 0 && code[..body].Count(letter => letter == '(') != code[..body].Count(letter => letter == ')'))
            body = code.IndexOf(" { ", body + 1, StringComparison.Ordinal);
        var isDerived = code[prefix.Length..body].Contains(" : ", StringComparison.Ordinal);
        return $"{code[..body]}{(isDerived ? ", " : " : ")}{interfaceName}{code[body..]}";
    }

    private string Draw(string prefix, string name, string mark)
    {
        if (chance.Is(25))
            return _unusual.Draw(prefix, name, mark);
        return chance.Next(20) switch
        {
            < 6 => Record(prefix + "sealed record", name, mark),
            < 8 => Record(prefix + chance.Pick("readonly record struct", "record struct"), name, mark),
            < 11 => Settable(
                prefix + chance.Pick("sealed class", "sealed record", "class", "record", "struct"), name, mark),
            < 14 => WithConstructor(
                prefix + chance.Pick("sealed class", "class", "readonly struct", "sealed record"), name),
            < 19 when _bases.Count > 0 => Derived(prefix, name, chance.Pick(_bases)),
            _ => Record(prefix + "sealed partial record", name, mark),
        };
    }

    /// <summary>Returns a type that other types can derive from.</summary>
    public string DrawBase(string name)
    {
        var (isRecord, isAbstract) = (chance.Is(60), chance.Is(60));
        var parameters = isRecord ? members.Several(0, 2) : [];
        var overridable = members
            .Several(0, 2)
            .Select(member => new DrawnVirtual(
                member, chance.Pick("get; init;", "get; set;"), isAbstract && chance.Is(50)))
            .ToList();
        var body = overridable.Select(property =>
            $"public {(property.IsAbstract ? "abstract" : "virtual")} {property.Member.Type.Name} "
            + $"{property.Member.Name} {{ {property.Accessors} }}{Initial(property)} ");
        var ownMembers = members
            .Several(0, 2)
            .Select(member => members.Property(member, isStruct: false, mayInitialize: true) + " ");
        _bases.Add(new(name, isRecord, parameters, overridable));
        return $"{access} {(isAbstract ? "abstract " : "")}{(isRecord ? "record" : "class")} {name}"
            + $"{(parameters.Count > 0 ? $"({MemberDrawing.Plain(parameters)})" : "")} {{ "
            + $"{string.Concat(body)}{string.Concat(ownMembers)}}}";
    }

    /// <summary>Returns a generic type.</summary>
    public string DrawGeneric(string name, string constraint)
    {
        var where = constraint.Length > 0 ? $" where T : {constraint}" : "";
        var first = members.Draw("T");
        var more = members.Several(0, 1).Append(members.Draw("T")).ToList();
        var positional = string.Join(", ", new[] { first }.Select(member => $"{member.Type.Name} {member.Name}"));
        var body = string.Concat(
            more.Select(member => members.Property(member, isStruct: false, mayInitialize: true) + " "));
        return chance.Is(50)
            ? $"{access} sealed record {name}<T>({positional}){where} {{ {(chance.Is(50) ? body : "")}}}"
            : $"{access} sealed class {name}<T>{where} {{ {body}}}";
    }

    private string Record(string keyword, string name, string mark)
    {
        var isStruct = keyword.EndsWith("struct", StringComparison.Ordinal);
        var positional = members.Several(isStruct ? 1 : 0, 5);
        if (!isStruct && positional.Count > 0 && chance.Is(15))
            positional.Add(Recursive(name));
        var body = chance.Is(40) ? members.Several(1, 2) : [];
        var isInitialized = positional.Count > 0 || !isStruct;
        var properties = body.Select(member => members.Property(
            member, isStruct, isInitialized && !keyword.Contains("readonly", StringComparison.Ordinal), mark)).ToList();
        if (keyword.Contains("readonly", StringComparison.Ordinal))
            properties = [.. properties.Where(property => !property.Contains("set;", StringComparison.Ordinal))];
        if (chance.Is(30))
            properties.Add(UnusualMember(name, keyword));
        return $"{keyword} {name}({members.Positional(positional, mark)}) {{ {string.Join(" ", properties)} }}";
    }

    private string Settable(string keyword, string name, string mark)
    {
        var isStruct = keyword.EndsWith(" struct", StringComparison.Ordinal);
        var all = members.Several(1, 5);
        if (!isStruct && chance.Is(15))
            all.Add(Recursive(name));
        var properties = all.Select(member => members.Property(member, isStruct, !isStruct, mark)).ToList();
        if (chance.Is(15))
            properties.Add(WithField(members.Draw()));
        if (chance.Is(30))
            properties.Add(UnusualMember(name, keyword));
        return $"{keyword} {name} {{ {string.Join(" ", properties)} }}";
    }

    private string WithConstructor(string keyword, string name)
    {
        var isStruct = keyword.EndsWith(" struct", StringComparison.Ordinal);
        var all = members.Several(1, 5);
        var attribute = chance.Is(30) ? "[JsonConstructor] " : "";
        var visibility = chance.Is(20) ? "internal" : "public";
        var parameters = chance.Shuffled(all);
        var parameterList = string.Join(", ", parameters.Select(member => $"{member.Type.Name} {member.Parameter}"));
        var sets = string.Concat(all.Select(member => $"this.{member.Name} = {member.Parameter}; "));
        var ownMembers = string.Concat(
            all.Select(member =>
                $"{members.Attributes(member, "", isOptional: false, mark: "")}"
                + $"public {member.Type.Name} {member.Name} {{ get; "
                + $"{(isStruct || chance.Is(70) ? "" : "private set; ")}}} "
            )
        );
        var extraMember =
            chance.Is(30) && !isStruct ? members.Property(members.Draw(), isStruct: false, mayInitialize: true) : "";
        var secondConstructor = chance.Is(20) && !isStruct ? $"private {name}() {{ {Defaults(all)}}} " : "";
        return $"{keyword} {name} {{ {attribute}{visibility} {name}({parameterList}) {{ {sets}}} "
            + $"{secondConstructor}{ownMembers}{extraMember} }}";
    }

    private static string Defaults(IEnumerable<DrawnMember> all) =>
        string.Concat(all.Select(member => $"this.{member.Name} = default!; "));

    private string Derived(string prefix, string name, DrawnParent from)
    {
        var ownMembers = members.Several(0, 3);
        var overridden = string.Concat(
            from.Overridable.Where(property => property.IsAbstract || chance.Is(60)).Select(Override));
        if (!from.IsRecord)
        {
            var properties = ownMembers.Select(member =>
                members.Property(member, isStruct: false, mayInitialize: true));
            return $"{prefix}sealed class {name} : {from.Name} {{ {overridden}{string.Join(" ", properties)} }}";
        }
        var parameters = string.Join(", ", from.Parameters.Select(member => member.Name));
        var plain = MemberDrawing.Plain(from.Parameters);
        var positional = members.Positional(ownMembers);
        var allParameters = plain.Length > 0 && positional.Length > 0 ? $"{plain}, {positional}" : plain + positional;
        var parent = from.Name + (parameters.Length > 0 ? $"({parameters})" : "");
        return $"{prefix}sealed record {name}({allParameters}) : {parent} {{ {overridden} }}";
    }

    private string Override(DrawnVirtual property)
    {
        var isAuto = property.IsAbstract || chance.Is(70);
        var body = isAuto
            ? $"{{ {property.Accessors} }}{Initial(property with { IsAbstract = false })}"
            : $"{{ get => base.{property.Member.Name}; }}";
        return $"public override {property.Member.Type.Name} {property.Member.Name} {body} ";
    }

    private string Initial(DrawnVirtual property) =>
        !property.IsAbstract && property.Member.Type.Initial is { } initial && chance.Is(40) ? $" = {initial};" : "";

    private DrawnMember Recursive(string name) =>
        new(
            "Inner" + members.Number(),
            new(chance.Pick($"{name}?", $"{name}[]", $"List<{name}>", $"IReadOnlyList<{name}?>?"), false));

    private string WithField(DrawnMember member)
    {
        var field = "_field" + members.Number();
        return $"private {member.Type.Name} {field}; public {member.Type.Name} {member.Name} "
            + $"{{ get => {field}; {chance.Pick("set", "init")} => {field} = value; }}";
    }

    private string UnusualMember(string name, string keyword)
    {
        var member = members.UnusualMember(name);
        var isStruct = keyword.EndsWith("struct", StringComparison.Ordinal);
        return isStruct && member.Contains("Last", StringComparison.Ordinal) ? "" : member;
    }
}
