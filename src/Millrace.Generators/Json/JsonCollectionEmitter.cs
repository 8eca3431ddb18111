namespace Millrace.Generators;

/// <summary>Writes the body of the converter of a list, a set or a dictionary.</summary>
internal sealed class JsonCollectionEmitter(CodeWriter code, JsonCode expressions, JsonShape shape, string label)
{
    private const string Generic = "global::System.Collections.Generic.";
    private const string Marshal = "global::System.Runtime.InteropServices.";
    private const string Immutable = "global::System.Collections.Immutable.";

    /// <summary>Interfaces whose enumerators would be allocated, while their indexers are not.</summary>
    private static readonly string[] Indexed = [Generic + "IReadOnlyList<", Generic + "IList<"];

    private readonly string _type = shape.Type.Name;
    private readonly JsonType _item = shape.Type.Item!;
    private readonly string _kind = shape.Type.Detail.Split(':')[0];
    private readonly string _made = shape.Type.Detail.Split(':').ElementAtOrDefault(1) ?? "";

    private bool IsMap => shape.Type.Form == JsonForm.Map;

    private string ItemName => _item.AllowsNull && _item.Form != JsonForm.Nullable ? _item.Name + "?" : _item.Name;

    private string Arguments => IsMap ? $"{shape.Type.Key!.Name}, {ItemName}" : ItemName;

    public void Write()
    {
        code.Open($"public static {_type} ReadValue({JsonEmitter.Reader}, string member)")
            .Line(IsMap ? $"JsonRead.Object(ref reader, member);" : $"JsonRead.Array(ref reader, member);")
            .Line(Beginning());
        if (IsMap)
            WriteReadingPairs();
        else
            code.Line($"while (JsonRead.Item(ref reader))").Inner($"items.Add({expressions.ReadExpression(_item, "member")});");
        code.Line($"return {End()};").Close().Line();
        if (IsMap)
            WriteWritingPairs();
        else
            WriteWritingItems();
    }

    private string Beginning() => _kind switch
    {
        JsonCollections.Array or JsonCollections.ImmutableArray => $"using var items = new ItemBuffer<{Arguments}>();",
        JsonCollections.List => $"var items = new {Generic}List<{Arguments}>();",
        JsonCollections.Builder => $"var items = {Immutable}{_made}.CreateBuilder<{Arguments}>();",
        _ => $"var items = new {Generic}{_made}<{Arguments}>();",
    };

    private string End() => _kind switch
    {
        JsonCollections.Array => "items.ToArray()",
        JsonCollections.ImmutableArray => Marshal + "ImmutableCollectionsMarshal.AsImmutableArray(items.ToArray())",
        JsonCollections.Builder => "items.ToImmutable()",
        _ => "items",
    };

    private void WriteReadingPairs() => code
        .Open($"while (JsonRead.Member(ref reader))")
        .Line($"var key = {expressions.ReadKey(shape.Type.Key!)};")
        .Line("reader.Read();")
        .Line($"items[key] = {expressions.ReadExpression(_item, "member")};")
        .Close();

    private void WriteWritingItems()
    {
        code.Open($"public static void WriteValue({JsonEmitter.Writer}, {_type} value)")
            .Line("writer.WriteStartArray();");
        var items = _kind == JsonCollections.ImmutableArray ? "value.AsSpan()" : "value";
        var isIndexed = Indexed.Any(start => _type.StartsWith(start, StringComparison.Ordinal));
        code.Open(isIndexed ? "for (var index = 0; index < value.Count; index++)" : $"foreach (var item in {items})");
        if (isIndexed)
            code.Line("var item = value[index];");
        expressions.WriteItem(code, _item, "item", label);
        code.Close().Line("writer.WriteEndArray();").Close();
    }

    private void WriteWritingPairs()
    {
        code.Open($"public static void WriteValue({JsonEmitter.Writer}, {_type} value)")
            .Line("writer.WriteStartObject();")
            .Open("foreach (var (key, item) in value)")
            .Line($"writer.WritePropertyName({expressions.KeyText(shape.Type.Key!, "key")});");
        expressions.WriteItem(code, _item, "item", label);
        code.Close().Line("writer.WriteEndObject();").Close();
    }
}
