using Millrace.Generators.Cbor;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Values;

/// <summary>
/// Writes the code that reads and writes an id or a value as JSON and CBOR. Both formats contain only the wrapped
/// content.
/// </summary>
internal static class ValueJsonEmitter
{
    private const string ReaderParameter = "ref Utf8JsonReader reader";
    private const string OptionsParameter = "JsonSerializerOptions options";

    public static void Write(CodeWriter code, ValueModel model)
    {
        var (name, label) = (model.Type.Identifier, model.Type.Name);
        code.Line("/// <summary>Reads a value from JSON.</summary>")
            .Line("/// <param name=\"reader\">The reader, positioned at the value.</param>")
            .Line("/// <param name=\"member\">The name of the member, for error messages.</param>")
            .Line("/// <exception cref=\"global::System.Text.Json.JsonException\">The JSON is not valid.</exception>")
            .Line(
                "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState."
                    + "Never)]"
            )
            .Open($"public static {name} ReadJson({ReaderParameter}, string member)")
            .Line($"var value = JsonRead.{model.Primitive.Name}(ref reader, member);")
            .Line("return ProblemOf(value) is { } problem")
            .Inner($"? throw JsonRead.Invalid(member, \"{label}\", problem)")
            .Inner(": new(value, true);")
            .Close().Line()
            .Line("/// <summary>Reads a value from CBOR.</summary>")
            .Line("/// <param name=\"reader\">The reader, positioned at the value.</param>")
            .Line("/// <param name=\"member\">The name of the member, for error messages.</param>")
            .Line("/// <exception cref=\"global::System.Text.Json.JsonException\">The CBOR is not valid.</exception>")
            .Line(
                "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState."
                    + "Never)]"
            )
            .Open($"public static {name} ReadCbor({CborEmitter.ReaderParameter}, string member)")
            .Line($"var value = CborRead.{model.Primitive.Name}(ref reader, member);")
            .Line("return ProblemOf(value) is { } problem")
            .Inner($"? throw JsonRead.Invalid(member, \"{label}\", problem)")
            .Inner(": new(value, true);")
            .Close().Line()
            .Line("/// <summary>Reads and writes the content of the value.</summary>")
            .Line(
                "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState."
                    + "Never)]"
            )
            .Open(
                $"public sealed class JsonConverter : global::System.Text.Json.Serialization.JsonConverter<{name}>, "
                    + $"{DescriptionEmitter.Interface}");
        WriteConverter(code, model, name, label);
        code.Line().Line("/// <inheritdoc/>");
        DescriptionEmitter.WriteValue(code, model.Primitive.CSharp, model.Summary);
        code.Close().Line();
    }

    private static void WriteConverter(CodeWriter code, ValueModel model, string name, string label) => code
        .Line("/// <inheritdoc/>")
        .Line(
            $"public override {name} Read({ReaderParameter}, global::System.Type typeToConvert, "
                + $"{OptionsParameter}) =>")
        .Inner($"ReadJson(ref reader, \"{label}\");").Line()
        .Line("/// <inheritdoc/>")
        .Line($"public override void Write(Utf8JsonWriter writer, {name} value, {OptionsParameter}) =>")
        .Inner($"{JsonCode.WriteValue(model.Primitive, "value.Value")};").Line()
        .Line("/// <inheritdoc/>")
        .Line(
            $"public override {name} ReadAsPropertyName({ReaderParameter}, global::System.Type typeToConvert, "
                + $"{OptionsParameter}) =>")
        .Inner($"JsonRead.Key<{name}>(ref reader, \"{label}\");").Line()
        .Line("/// <inheritdoc/>")
        .Line($"public override void WriteAsPropertyName(Utf8JsonWriter writer, {name} value, {OptionsParameter}) =>")
        .Inner($"writer.WritePropertyName({model.Primitive.TextOf("value.Value")});");
}
