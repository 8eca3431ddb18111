using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the body of the converter of a list, a set or a dictionary.</summary>
internal sealed class JsonCollectionEmitter(CodeWriter code, ValueCode expressions, JsonShape shape, string label)
{
    private readonly string _type = shape.Type.Name;
    private readonly JsonType _item = shape.Type.Item!;
    private readonly CollectionFactoryEmitter _factory = new(shape.Type);

    public void Write()
    {
        code.Open($"public static {_type} ReadValue({JsonEmitter.ReaderParameter}, string member)")
            .Line(_factory.IsMap ? $"JsonRead.Object(ref reader, member);" : $"JsonRead.Array(ref reader, member);")
            .Line(_factory.Creation);
        if (_factory.IsMap)
            WriteReadingPairs();
        else
            code.Line($"while (JsonRead.Item(ref reader))")
                .Inner($"items.Add({expressions.ReadExpression(_item, "member")});");
        code.Line($"return {_factory.Result};").Close().Line();
        if (_factory.IsMap)
            WriteWritingPairs();
        else
            WriteWritingItems();
    }

    private void WriteReadingPairs() => code
        .Open($"while (JsonRead.Member(ref reader))")
        .Line($"var key = {expressions.ReadKey(shape.Type.Key!)};")
        .Line("reader.Read();")
        .Line($"items[key] = {expressions.ReadExpression(_item, "member")};")
        .Close();

    private void WriteWritingItems()
    {
        OpenWriting();
        code.Line("writer.WriteStartArray();");
        _factory.OpenItems(code);
        expressions.WriteItem(code, _item, "item", label);
        code.Close().Line("writer.WriteEndArray();").Close();
    }

    private void OpenWriting()
    {
        code.Open($"public static void WriteValue({JsonEmitter.WriterParameter}, {_type} value)");
        if (_factory.Check is { } check)
            code.Line(check);
    }

    private void WriteWritingPairs()
    {
        OpenWriting();
        code.Line("writer.WriteStartObject();")
            .Open("foreach (var (key, item) in value)")
            .Line($"writer.WritePropertyName({expressions.KeyText(shape.Type.Key!, "key")});");
        expressions.WriteItem(code, _item, "item", label);
        code.Close().Line("writer.WriteEndObject();").Close();
    }
}
