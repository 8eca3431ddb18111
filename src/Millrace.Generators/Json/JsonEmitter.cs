using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>
/// Writes the JSON converter of one type as a class nested in the model. Other converters call its static methods
/// directly.
/// </summary>
internal sealed class JsonEmitter
{
    public const string ReaderParameter = "ref Utf8JsonReader reader";
    public const string WriterParameter = "Utf8JsonWriter writer";
    private const string OptionsParameter = "JsonSerializerOptions options";

    private readonly JsonNames _names;
    private readonly JsonCode _expressions;

    public JsonEmitter(TypeDeclaration model)
    {
        _names = new JsonNames(model);
        _expressions = new JsonCode(_names);
    }

    public string ConverterOf(JsonType type) => _names.Of(type);

    public SourceText Emit(TypeDeclaration model, JsonShape shape)
    {
        var code = new CodeWriter();
        var name = _names.Of(shape.Type);
        var label = Label(shape.Type.Name);
        code.OpenType(model)
            .Open($"private sealed class {name} : JsonConverter<{shape.Type.Name}>, {DescriptionEmitter.Interface}");
        switch (shape.Type.Form)
        {
            case JsonShapeKind.Object or JsonShapeKind.Polymorphic or JsonShapeKind.Variant when shape.HasError:
                WritePlaceholders(code, shape.Type.Name);
                break;
            case JsonShapeKind.Enum:
                new JsonEnumEmitter(code, shape, label).Write();
                break;
            case JsonShapeKind.List or JsonShapeKind.Map:
                new JsonCollectionEmitter(code, _expressions.Values, shape, label).Write();
                break;
            case JsonShapeKind.Custom:
                WriteCustom(code, shape);
                break;
            case JsonShapeKind.Polymorphic:
                new JsonPolymorphicEmitter(
                    code, shape, label, _names.Of, ReaderParameter, WriterParameter, "writer").Write();
                break;
            default:
                new JsonObjectEmitter(code, _expressions, shape, label).Write();
                break;
        }
        WriteOverrides(code, shape.Type, label);
        DescriptionEmitter.Write(code, shape, _names.Of);
        return code.Close().CloseType(model).ToSource();
    }

    private static void WriteOverrides(CodeWriter code, JsonType type, string label)
    {
        var value = type.IsOpen ? $"JsonWrite.Exact(value, {label.Literal()})" : "value";
        code.Line()
            .Line(
                $"public override {type.Name} Read({ReaderParameter}, global::System.Type typeToConvert, "
                    + $"{OptionsParameter}) =>")
            .Inner($"ReadValue(ref reader, {label.Literal()});")
            .Line()
            .Line(
                $"public override void Write({WriterParameter}, {type.Name} value, {OptionsParameter}) => "
                    + $"WriteValue(writer, {value});");
    }

    /// <summary>
    /// Writes methods that only throw, for a type with an error. So the generated code that calls them compiles, and
    /// the compiler reports only the original error.
    /// </summary>
    private static void WritePlaceholders(CodeWriter code, string type) =>
        code.Line(
                $"public static {type} ReadValue({ReaderParameter}, string member) => throw new "
                    + "global::System.NotSupportedException();"
            )
            .Line()
            .Line(
                $"public static void WriteValue({WriterParameter}, {type} value, string member, string owner) => "
                    + "WriteValue(writer, value);"
            )
            .Line()
            .Line(
                $"public static void WriteValue({WriterParameter}, {type} value) => throw new "
                    + "global::System.NotSupportedException();"
            );

    private static void WriteCustom(CodeWriter code, JsonShape shape)
    {
        var type = shape.Type.Name;
        var converter = $"new {shape.Type.Detail}()";
        var creation = shape.IsFactory
            ? $"(JsonConverter<{type}>){converter}.CreateConverter(typeof({type}), JsonTypes.Options)!"
            : converter;
        var nullCheck = shape.Type.IsReference ? " ?? throw JsonRead.Missing(member, \"the object\")" : "";
        code.Line($"private static readonly JsonConverter<{type}> Converter = {creation};")
            .Line()
            .Line($"public static {type} ReadValue({ReaderParameter}, string member) =>")
            .Inner($"Converter.Read(ref reader, typeof({type}), JsonTypes.Options){nullCheck};")
            .Line()
            .Line(
                $"public static void WriteValue({WriterParameter}, {type} value) => Converter.Write(writer, value, "
                    + "JsonTypes.Options);"
            );
    }

    /// <summary>Returns a display name without namespaces.</summary>
    public static string Label(string fullName)
    {
        var start = fullName.IndexOf('<') is var open && open < 0 ? fullName.Length : open;
        var head = fullName.Substring(0, start).Replace("global::", "");
        return head.Substring(head.LastIndexOf('.') + 1).TrimStart('@') + (start == fullName.Length ? "" : "<…>");
    }
}
