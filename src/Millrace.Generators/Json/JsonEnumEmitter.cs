namespace Millrace.Generators;

/// <summary>Writes the body of an enumeration's converter.</summary>
internal sealed class JsonEnumEmitter(CodeWriter code, JsonShape shape, string label)
{
    private const string Json = "global::Millrace.Serialization.";

    private readonly string _type = shape.Type.Name;

    public void Write()
    {
        if (shape.IsFlags)
        {
            WriteFlags();
            return;
        }
        foreach (var value in shape.Values)
            code.Line($"private static readonly global::System.Text.Json.JsonEncodedText {value.Name}Text = {Encode(value)};");
        WriteReading();
        code.Line()
            .Line($"public static void WriteValue({JsonEmitter.Writer}, {_type} value) => writer.WriteStringValue(Encoded(value));")
            .Line()
            .Line($"public static string TextOf({_type} value) => Encoded(value).Value;")
            .Line()
            .Line($"private static global::System.Text.Json.JsonEncodedText Encoded({_type} value) => value switch")
            .Line("{");
        foreach (var value in shape.Values.Where(value => !value.IsAlias))
            code.Inner($"{_type}.{value.Name} => {value.Name}Text,");
        code.Inner($"_ => throw {Json}JsonWrite.Undefined({label.Literal()}, unchecked((long)value)),")
            .Line("};");
    }

    private void WriteReading()
    {
        code.Line().Open($"public static {_type} ReadValue({JsonEmitter.Reader}, string member)")
            .Open("if (reader.TokenType is global::System.Text.Json.JsonTokenType.String or global::System.Text.Json.JsonTokenType.PropertyName)");
        foreach (var value in shape.Values)
            code.Line($"if (reader.ValueTextEquals({value.JsonName.Literal()}u8))").Inner($"return {_type}.{value.Name};");
        var names = string.Join(", ", shape.Values.Select(value => value.JsonName));
        code.Close()
            .Line($"throw {Json}JsonRead.Wrong(ref reader, member, {("one of " + names).Literal()});")
            .Close();
    }

    private void WriteFlags()
    {
        var number = shape.Type.Primitive!;
        code.Line($"public static {_type} ReadValue({JsonEmitter.Reader}, string member) => ({_type}){Json}JsonRead.{number.Name}(ref reader, member);")
            .Line()
            .Line($"public static void WriteValue({JsonEmitter.Writer}, {_type} value) => writer.WriteNumberValue(({number.CSharp})value);")
            .Line()
            .Line($"public static string TextOf({_type} value) => {number.TextOf($"(({number.CSharp})value)")};");
    }

    private static string Encode(JsonEnumValue value) => $"global::System.Text.Json.JsonEncodedText.Encode({value.JsonName.Literal()})";
}
