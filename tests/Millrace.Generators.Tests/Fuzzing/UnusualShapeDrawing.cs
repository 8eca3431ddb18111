namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>Creates random declarations with less usual C# syntax for initialization.</summary>
internal sealed class UnusualShapeDrawing(SeededRandom chance, MemberDrawing members)
{
    public string Draw(string prefix, string name, string mark) => chance.Next(6) switch
    {
        0 => Redeclared(prefix, name, mark),
        1 => PrimaryConstructor(prefix, name),
        2 => SetsRequired(prefix, name),
        3 => PartialProperties(prefix, name, mark),
        4 => FieldAccessors(prefix, name),
        _ => OptionalParameters(prefix, name),
    };

    /// <summary>Returns a record that declares the property of a parameter itself.</summary>
    private string Redeclared(string prefix, string name, string mark)
    {
        var all = members.Several(1, 4);
        var (own, rest) = (all.Take(1).ToList(), all.Skip(1).ToList());
        var accessors = chance.Pick("get;", "get; init;", "get; set;", "get; private init;", "get; internal set;");
        var body = own.Select(member =>
            $"{members.Attributes(member, "", isOptional: false, mark)}public {member.Type.Name} "
            + $"{member.Name} {{ {accessors} }} = {member.Name};");
        var positional = rest.Count == 0 ? "" : ", " + members.Positional(rest, mark);
        return $"{prefix}sealed record {name}({MemberDrawing.Plain(own)}{positional}) {{ {string.Concat(body)} }}";
    }

    private string PrimaryConstructor(string prefix, string name)
    {
        var all = members.Several(1, 4);
        var keyword = chance.Pick("sealed class", "class", "readonly struct", "struct");
        var parameterList = string.Join(", ", all.Select(member => $"{member.Type.Name} {member.Parameter}"));
        var body = all.Select(member => $"public {member.Type.Name} {member.Name} {{ get; }} = {member.Parameter}; ");
        return $"{prefix}{keyword} {name}({parameterList}) {{ {string.Concat(body)}}}";
    }

    private string SetsRequired(string prefix, string name)
    {
        var all = members.Several(1, 4);
        var parameterList = string.Join(", ", all.Select(member => $"{member.Type.Name} {member.Parameter}"));
        var sets = string.Concat(all.Select(member => $"this.{member.Name} = {member.Parameter}; "));
        var body = string.Concat(all.Select(member =>
            $"public required {member.Type.Name} {member.Name} {{ get; {chance.Pick("init", "set")}; }} "));
        var secondConstructor = chance.Is(50) ? $"public {name}() {{ }} " : "";
        return $"{prefix}sealed class {name} {{ {secondConstructor}[SetsRequiredMembers] public "
            + $"{name}({parameterList}) {{ {sets}}} {body}}}";
    }

    private string PartialProperties(string prefix, string name, string mark)
    {
        var all = members.Several(1, 3);
        var first = string.Concat(
            all.Select(member =>
                $"{members.Attributes(member, "", isOptional: true, mark)}"
                + $"public partial {member.Type.Name} {member.Name} {{ get; set; }} "));
        var second = string.Concat(
            all.Select(member =>
                $"private {member.Type.Name} _own{member.Parameter.TrimStart('@')}; "
                + $"public partial {member.Type.Name} {member.Name} {{ get => _own{member.Parameter.TrimStart('@')}; "
                + $"set => _own{member.Parameter.TrimStart('@')} = value; }} "));
        return $"{prefix}sealed partial class {name} {{ {first}}} {prefix.Split("] ")[^1]}sealed partial "
            + $"class {name} {{ {second}}}";
    }

    private string FieldAccessors(string prefix, string name)
    {
        var body = members.Several(1, 4).Select(member => $"public {member.Type.Name} {member.Name} "
            + $"{{ get; {chance.Pick("set", "init")} => field = value; }}{Initial(member)} ");
        return $"{prefix}{chance.Pick("sealed class", "sealed record")} {name} {{ {string.Concat(body)}}}";
    }

    /// <summary>Returns a class whose constructor has optional parameters.</summary>
    private string OptionalParameters(string prefix, string name)
    {
        var all = members.Several(1, 4).OrderBy(member => member.Type.Constant is not null).ToList();
        var parameterList = string.Join(", ", all.Select(member => $"{member.Type.Name} {member.Parameter}"
            + (member.Type.Constant is { } constant ? $" = {constant}" : "")));
        var sets = string.Concat(all.Select(member => $"this.{member.Name} = {member.Parameter}; "));
        var body = string.Concat(all.Select(member => $"public {member.Type.Name} {member.Name} {{ get; }} "));
        return $"{prefix}sealed class {name} {{ public {name}({parameterList}) {{ {sets}}} {body}}}";
    }

    private string Initial(DrawnMember member) =>
        member.Type.Initial is { } initial && chance.Is(40) ? $" = {initial};" : "";
}
