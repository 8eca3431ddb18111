using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the body of an enumeration's converter.</summary>
internal sealed class JsonEnumEmitter(CodeWriter code, JsonShape shape, string label)
{
    private readonly string _type = shape.Type.Name;

    private string Undefined => $"_ => throw JsonWrite.Undefined({label.Literal()}, unchecked((long)value)),";

    public void Write()
    {
        if (shape.IsFlags)
        {
            WriteFlags();
            return;
        }
        foreach (var value in shape.Values)
            code.Line($"private static readonly JsonEncodedText {value.Name}Text = {Encode(value)};");
        WriteReading();
        code.Line()
            .Line(
                $"public static void WriteValue({JsonEmitter.WriterParameter}, {_type} value) => "
                    + "writer.WriteStringValue(Encoded(value));"
            )
            .Line()
            .Line($"public static string TextOf({_type} value) => value switch")
            .Line("{");
        foreach (var value in shape.Values.Where(value => !value.IsAlias))
            code.Inner($"{value.Of(_type)} => {value.JsonName.Literal()},");
        code.Inner(Undefined).Line("};").Line()
            .Line($"private static JsonEncodedText Encoded({_type} value) => value switch")
            .Line("{");
        foreach (var value in shape.Values.Where(value => !value.IsAlias))
            code.Inner($"{value.Of(_type)} => {value.Name}Text,");
        code.Inner(Undefined).Line("};");
    }

    private void WriteReading()
    {
        code.Line().Open($"public static {_type} ReadValue({JsonEmitter.ReaderParameter}, string member)")
            .Open("if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)");
        foreach (var value in shape.Values)
            code.Line($"if (reader.ValueTextEquals({value.JsonName.Literal()}u8))").Inner($"return {value.Of(_type)};");
        // Earlier builds wrote dictionary keys with double escapes.
        foreach (var value in shape.Values.Where(value => value.IsEscaped))
        {
            code.Line(
                    "if (reader.TokenType == JsonTokenType.PropertyName && "
                        + $"reader.ValueTextEquals({value.Name}Text.Value))"
                )
                .Inner($"return {value.Of(_type)};");
        }
        var names = string.Join(", ", shape.Values.Select(value => value.JsonName));
        code.Close()
            .Line($"throw JsonRead.Wrong(ref reader, member, {("one of " + names).Literal()});")
            .Close();
    }

    private void WriteFlags()
    {
        var number = shape.Type.Primitive!;
        code.Line($"public static {_type} ReadValue({JsonEmitter.ReaderParameter}, string member) =>")
            .Inner($"({_type})JsonRead.{number.Name}(ref reader, member);")
            .Line()
            .Line(
                $"public static void WriteValue({JsonEmitter.WriterParameter}, {_type} value) => "
                    + $"writer.WriteNumberValue(({number.CSharp})value);"
            )
            .Line()
            .Line($"public static string TextOf({_type} value) => {number.TextOf($"(({number.CSharp})value)")};");
    }

    private static string Encode(JsonEnumValue value) => $"JsonEncodedText.Encode({value.JsonName.Literal()})";
}
