using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Cbor;

/// <summary>Writes the code for a list or a set as a CBOR array, and for a dictionary as a map.</summary>
internal sealed class CborCollectionEmitter(CodeWriter code, ValueCode expressions, JsonShape shape, string label)
{
    private readonly string _type = shape.Type.Name;
    private readonly JsonType _item = shape.Type.Item!; // A collection has an item type.
    private readonly CollectionFactoryEmitter _factory = new(shape.Type);

    public void Write()
    {
        code.Open($"public static {_type} ReadValue({CborEmitter.ReaderParameter}, string member)")
            .Line($"var walk = CborRead.{(_factory.IsMap ? "Map" : "Array")}(ref reader, member);")
            .Line(_factory.Creation);
        if (_factory.IsMap)
            WriteReadingPairs();
        else
            code.Line("while (walk.Next(ref reader))")
                .Inner($"items.Add({expressions.ReadExpression(_item, "member")});");
        code.Line($"return {_factory.Result};")
            .Close()
            .Line()
            .Open($"public static void WriteValue({CborEmitter.WriterParameter}, {_type} value)");
        if (_factory.Check is { } check)
            code.Line(check);
        code.Line("var start = writer.StartContainer();").Line("var written = 0;");
        if (_factory.IsMap)
            code.Open("foreach (var (key, item) in value)")
                .Line($"writer.WriteText({expressions.KeyText(shape.Type.Key!, "key")});"); // A map has keys.
        else
            _factory.OpenItems(code);
        expressions.WriteItem(code, _item, "item", label);
        code.Line("written++;").Close()
            .Line($"writer.End{(_factory.IsMap ? "Map" : "Array")}(start, written);").Close();
    }

    private void WriteReadingPairs() => code
        .Open("while (walk.Next(ref reader))")
        .Line($"var key = {expressions.ReadKey(shape.Type.Key!)};")
        .Line("if (items.ContainsKey(key))")
        .Inner("throw CborRead.DuplicateKey(ref reader);")
        .Line($"items[key] = {expressions.ReadExpression(_item, "member")};")
        .Close();
}
