using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the code that describes the JSON of a type.</summary>
internal static class DescriptionEmitter
{
    /// <summary>The interface of converters that describe the JSON of their type.</summary>
    public const string Interface = Namespace + "IDescribedConverter";

    private const string Namespace = "global::Millrace.Serialization.";

    /// <summary>Writes the method that describes a shape.</summary>
    public static void Write(CodeWriter code, JsonShape shape, Func<JsonType, string> nameOf)
    {
        code.Line();
        switch (shape.Type.Form)
        {
            case JsonShapeKind.Custom:
                code.Line($"public {Namespace}TypeDescription Describe() =>")
                    .Inner(
                        $"Converter is {Interface} described ? described.Describe() : new({Namespace}TypeForm.Any);");
                break;
            case JsonShapeKind.Enum when shape.IsFlags:
                WriteValue(code, shape.Type.Primitive!.CSharp, shape.Summary);
                break;
            case JsonShapeKind.Enum:
                Open(code, "Enumeration", shape.Summary);
                code.Line($"Names = [{string.Join(", ", Names(shape).Select(name => name.Literal()))}],").Close(";");
                break;
            case JsonShapeKind.List or JsonShapeKind.Map:
                WriteItems(code, shape.Type);
                break;
            case JsonShapeKind.Polymorphic when shape.Listed is { } listed:
                WritePolymorphic(code, shape.Summary, listed, nameOf);
                break;
            default:
                WriteObject(code, shape);
                break;
        }
    }

    /// <summary>Writes the method that describes an id or a value.</summary>
    public static void WriteValue(CodeWriter code, string inner, string? summary)
    {
        Open(code, "Value", summary);
        code.Line($"Inner = typeof({inner}),").Close(";");
    }

    private static void WriteItems(CodeWriter code, JsonType type)
    {
        Open(code, type.Form.ToString(), null);
        code.Line($"Inner = typeof({type.Item!.Name}),");
        if (type.Item.AllowsNull)
            code.Line("AllowsNullInside = true,");
        code.Close(";");
    }

    private static void WritePolymorphic(
        CodeWriter code, string? summary, JsonPolymorphism listed, Func<JsonType, string> nameOf)
    {
        Open(code, "Polymorphic", summary);
        code.Line($"Discriminator = {listed.Discriminator.Literal()},").Line("Variants =").Line("[");
        foreach (var variant in listed.Variants)
        {
            var described = $"new {nameOf(variant.Type)}().Describe()";
            code.Inner($"new(typeof({variant.Type.Name}), {variant.Literal ?? "null"}, {described}),");
        }
        code.Line("],").Close(";");
    }

    private static void WriteObject(CodeWriter code, JsonShape shape)
    {
        Open(code, "Object", shape.Summary);
        code.Line("Members =").Line("[");
        foreach (var member in shape.Members)
        {
            var more = string.Join(", ", Settings(member));
            var start =
                $"new({member.JsonName.Literal()}, typeof({member.Type.Name}), "
                    + $"{(member.IsRequired ? "true" : "false")})";
            code.Inner(more.Length == 0 ? start + "," : $"{start} {{ {more} }},");
        }
        code.Line("],").Close(";");
    }

    private static IEnumerable<string> Settings(JsonMember member)
    {
        if (member.Type.AllowsNull)
            yield return "AllowsNull = true";
        if (member.Target == MemberTarget.None)
            yield return "IsReadOnly = true";
        if (member.Mark is not null)
            yield return "IsMarked = true";
        if (member.Summary is { } summary)
            yield return $"Summary = {summary.Literal()}";
    }

    private static void Open(CodeWriter code, string form, string? summary)
    {
        code.Line($"public {Namespace}TypeDescription Describe() => new({Namespace}TypeForm.{form})").Open("");
        if (summary is not null)
            code.Line($"Summary = {summary.Literal()},");
    }

    private static IEnumerable<string> Names(JsonShape shape) =>
        shape.Values.Where(value => !value.IsAlias).Select(value => value.JsonName);
}
