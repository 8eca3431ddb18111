using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Cbor;

/// <summary>
/// Writes the CBOR code of one type as a class nested in the model. Other types call its methods directly.
/// </summary>
internal sealed class CborEmitter
{
    public const string ReaderParameter = "ref CborReader reader";
    public const string WriterParameter = "ref CborWriter writer";

    private readonly JsonNames _names;
    private readonly CborCode _expressions;

    public CborEmitter(TypeDeclaration model)
    {
        _names = new JsonNames(model);
        _expressions = new CborCode(_names);
    }

    public string NameOf(JsonType type) => _names.CborOf(type);

    public SourceText Emit(TypeDeclaration model, JsonShape shape)
    {
        var code = new CodeWriter();
        var label = JsonEmitter.Label(shape.Type.Name);
        code.OpenType(model).Open($"private static class {NameOf(shape.Type)}");
        switch (shape.Type.Form)
        {
            case JsonShapeKind.Object or JsonShapeKind.Polymorphic or JsonShapeKind.Variant when shape.HasError:
                WritePlaceholders(code, shape.Type.Name);
                break;
            case JsonShapeKind.Enum:
                WriteEnum(code, shape, label);
                break;
            case JsonShapeKind.List or JsonShapeKind.Map:
                new CborCollectionEmitter(code, _expressions.Values, shape, label).Write();
                break;
            case JsonShapeKind.Custom:
                WriteCustom(code, shape.Type);
                break;
            case JsonShapeKind.Polymorphic:
                new JsonPolymorphicEmitter(
                    code, shape, label, _names.CborOf, ReaderParameter, WriterParameter, "ref writer").Write();
                break;
            default:
                new CborObjectEmitter(code, _expressions, shape, label).Write();
                break;
        }
        return code.Close().CloseType(model).ToSource();
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
                    + "WriteValue(ref writer, value);"
            )
            .Line()
            .Line(
                $"public static void WriteValue({WriterParameter}, {type} value) => throw new "
                    + "global::System.NotSupportedException();"
            );

    /// <summary>
    /// Writes code that converts the CBOR of a type from and to JSON, because a custom converter supports only JSON.
    /// </summary>
    private void WriteCustom(CodeWriter code, JsonType type) => code
        .Line($"private static readonly JsonConverter<{type.Name}> Converter = new {_names.Of(type)}();")
        .Line()
        .Line($"public static {type.Name} ReadValue({ReaderParameter}, string member) =>")
        .Inner("CborRead.ByConverter(ref reader, member, Converter, JsonTypes.Options);")
        .Line()
        .Line($"public static void WriteValue({WriterParameter}, {type.Name} value) =>")
        .Inner("CborWrite.ByConverter(ref writer, value, Converter, JsonTypes.Options);");

    private static void WriteEnum(CodeWriter code, JsonShape shape, string label)
    {
        var type = shape.Type.Name;
        if (shape.IsFlags)
        {
            var number = shape.Type.Primitive!; // An enumeration has a primitive.
            code.Line($"public static {type} ReadValue({ReaderParameter}, string member) =>")
                .Inner($"({type})CborRead.{number.Name}(ref reader, member);")
                .Line()
                .Line(
                    $"public static void WriteValue({WriterParameter}, {type} value) => "
                        + $"writer.WriteWhole(({number.CSharp})value);"
                );
            return;
        }
        // Earlier builds wrote map keys with JSON escapes.
        var escaped = shape.Values.Where(value => value.IsEscaped).ToList();
        var names = string.Join(", ", shape.Values.Select(value => value.JsonName.Literal())
            .Concat(escaped.Select(value => $"JsonEncodedText.Encode({value.JsonName.Literal()}).Value")));
        code.Line($"private static readonly CborNames Names = new({names});")
            .Line()
            .Line($"public static {type} ReadValue({ReaderParameter}, string member) => Names.Read(ref reader) switch")
            .Line("{");
        for (var index = 0; index < shape.Values.Count; index++)
            code.Inner($"{index.Literal()} => {shape.Values[index].Of(type)},");
        for (var index = 0; index < escaped.Count; index++)
            code.Inner($"{(shape.Values.Count + index).Literal()} => {escaped[index].Of(type)},");
        var all = string.Join(", ", shape.Values.Select(value => value.JsonName));
        code.Inner($"_ => throw CborRead.Wrong(ref reader, member, {("one of " + all).Literal()}),")
            .Line("};")
            .Line()
            .Line(
                $"public static void WriteValue({WriterParameter}, {type} value) => "
                    + "writer.WriteName(Names, value switch")
            .Line("{");
        for (var index = 0; index < shape.Values.Count; index++)
        {
            if (!shape.Values[index].IsAlias)
                code.Inner($"{shape.Values[index].Of(type)} => {index.Literal()},");
        }
        code.Inner($"_ => throw JsonWrite.Undefined({label.Literal()}, unchecked((long)value)),")
            .Line("});");
    }
}
