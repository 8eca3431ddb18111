using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>Writes the code that creates and enumerates a list, a set or a dictionary, for any format.</summary>
internal sealed class CollectionFactoryEmitter(JsonType type)
{
    private const string Generic = "global::System.Collections.Generic.";
    private const string Marshal = "global::System.Runtime.InteropServices.";
    private const string Immutable = "global::System.Collections.Immutable.";

    /// <summary>
    /// The interfaces whose items the generated code reads by index, because their enumerators are allocated on the
    /// heap.
    /// </summary>
    private static readonly string[] ReadByIndex = [Generic + "IReadOnlyList<", Generic + "IList<"];

    private readonly JsonType _item = type.Item!; // A collection has an item type.
    private readonly string _kind = type.Detail.Split(':')[0];
    private readonly string _createdType = type.Detail.Split(':').ElementAtOrDefault(1) ?? "";

    public bool IsMap => type.Form == JsonShapeKind.Map;

    /// <summary>Gets a statement that creates <c>items</c>, to which the generated code adds the items.</summary>
    public string Creation => _kind switch
    {
        JsonCollections.Array or JsonCollections.ImmutableArray => $"using var items = new ItemBuffer<{Arguments}>();",
        JsonCollections.List => $"var items = new {Generic}List<{Arguments}>();",
        JsonCollections.Builder => $"var items = {Immutable}{_createdType}.CreateBuilder<{Arguments}>({Comparer});",
        _ => $"var items = new {Generic}{_createdType}<{Arguments}>({Comparer});",
    };

    /// <summary>
    /// Gets a statement that throws if reading the written <c>value</c> would lose data, or null if no data can be
    /// lost.
    /// </summary>
    public string? Check =>
        !IsMap && _kind is not (JsonCollections.Builder or JsonCollections.New) || _createdType == "ImmutableList"
            ? null
            : $"CollectionWrite.RequireDistinct{(IsMap ? "Keys" : "")}{(IsSorted ? "InOrder" : "")}(value);";

    /// <summary>Gets an expression for the finished collection.</summary>
    public string Result => _kind switch
    {
        JsonCollections.Array => "items.ToArray()",
        JsonCollections.ImmutableArray => Marshal + "ImmutableCollectionsMarshal.AsImmutableArray(items.ToArray())",
        JsonCollections.Builder => "items.ToImmutable()",
        _ => "items",
    };

    private bool IsSorted => _createdType.Contains("Sorted");

    /// <summary>
    /// Gets the comparer argument of a sorted collection. Strings use ordinal order, because in the order of a culture,
    /// two different strings can be equal, and machines can have different cultures.
    /// </summary>
    private string Comparer => IsSorted && (IsMap ? type.Key! : _item).Primitive is { Name: "String" } && !IsWrapped
        ? "global::System.StringComparer.Ordinal"
        : "";

    private bool IsWrapped => (IsMap ? type.Key! : _item).Form == JsonShapeKind.Wrapper;

    private string ItemName => _item.AllowsNull && _item.Form != JsonShapeKind.Nullable ? _item.Name + "?" : _item.Name;

    private string Arguments => IsMap ? $"{type.Key!.Name}, {ItemName}" : ItemName;

    /// <summary>Opens a loop over <c>value</c> that declares each item as <c>item</c>.</summary>
    public void OpenItems(CodeWriter code)
    {
        var items = _kind == JsonCollections.ImmutableArray ? "value.AsSpan()" : "value";
        // The name of an array of such lists starts with the same text.
        var isIndexed = !type.Name.EndsWith("]", StringComparison.Ordinal)
            && ReadByIndex.Any(start => type.Name.StartsWith(start, StringComparison.Ordinal));
        code.Open(isIndexed ? "for (var index = 0; index < value.Count; index++)" : $"foreach (var item in {items})");
        if (isIndexed)
            code.Line("var item = value[index];");
    }
}
