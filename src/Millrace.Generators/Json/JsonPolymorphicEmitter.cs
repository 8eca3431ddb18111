using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the body of the code for a type that lists derived types, in any format.</summary>
/// <param name="code">The writer.</param>
/// <param name="shape">The type.</param>
/// <param name="label">The display name.</param>
/// <param name="nameOf">Returns the name of the class that reads and writes a type.</param>
/// <param name="reader">The declaration of the reader parameter.</param>
/// <param name="writer">The declaration of the writer parameter.</param>
/// <param name="writerArgument">The expression that passes the writer as an argument.</param>
internal sealed class JsonPolymorphicEmitter(
    CodeWriter code,
    JsonShape shape,
    string label,
    Func<JsonType, string> nameOf,
    string reader,
    string writer,
    string writerArgument)
{
    private readonly string _type = shape.Type.Name;
    private readonly JsonPolymorphism _listed = shape.Listed!; // Not null: the type lists its derived types.

    public void Write()
    {
        var discriminated = _listed.Variants.Where(variant => variant.Literal is not null).ToList();
        var discriminators = string.Concat(discriminated.Select(variant => ", " + variant.Literal));
        var ignores = _listed.IgnoresUnknown ? "true" : "false";
        code.Line(
                $"private static readonly TypeDiscriminators Kinds = new({_listed.Discriminator.Literal()}, "
                    + $"{ignores}{discriminators});"
            )
            .Line()
            .Line($"public static {_type} ReadValue({reader}, string member) => Kinds.Find(ref reader, member) switch")
            .Line("{");
        for (var index = 0; index < discriminated.Count; index++)
            code.Inner($"{index.Literal()} => {nameOf(discriminated[index].Type)}.ReadValue(ref reader, member),");
        if (_listed.IgnoresUnknown && _listed.Fallback(_type) is { } fallback)
            code.Inner($"TypeDiscriminators.Unknown => {nameOf(fallback.Type)}.ReadValue(ref reader, member),");
        code.Inner(_listed.WithoutDiscriminator is { } plain
                ? $"_ => {nameOf(plain.Type)}.ReadValue(ref reader, member),"
                : $"_ => throw Kinds.Missing(member, {label.Literal()}),")
            .Line("};")
            .Line()
            .Line(
                $"public static void WriteValue({writer}, {_type} value) => WriteValue({writerArgument}, value, \"\", "
                    + $"{label.Literal()});"
            )
            .Line()
            .Open($"public static void WriteValue({writer}, {_type} value, string member, string owner)")
            .Line("var type = value.GetType();");
        for (var index = 0; index < _listed.Variants.Count; index++)
        {
            var variant = _listed.Variants[index].Type;
            code.Line($"{(index == 0 ? "" : "else ")}if (type == typeof({variant.Name}))")
                .Inner($"{nameOf(variant)}.WriteValue({writerArgument}, ({variant.Name})(object)value);");
        }
        code.Line("else")
            .Inner($"throw JsonWrite.Undeclared(typeof({_type}), value, member, owner);")
            .Close();
    }
}
