namespace Millrace.Generators;

/// <summary>How a list, a set or a dictionary is made of its items and gone through, whatever it is read
/// from.</summary>
internal sealed class CollectionFactoryEmitter(JsonType type)
{
    private const string Generic = "global::System.Collections.Generic.";
    private const string Marshal = "global::System.Runtime.InteropServices.";
    private const string Immutable = "global::System.Collections.Immutable.";

    /// <summary>Interfaces whose enumerators would be allocated, while their indexers are not.</summary>
    private static readonly string[] Indexed = [Generic + "IReadOnlyList<", Generic + "IList<"];

    private readonly JsonType _item = type.Item!; // Collections have one.
    private readonly string _kind = type.Detail.Split(':')[0];
    private readonly string _made = type.Detail.Split(':').ElementAtOrDefault(1) ?? "";

    public bool IsMap => type.Form == JsonShapeKind.Map;

    /// <summary>A statement that makes <c>items</c>, to which they are added.</summary>
    public string Beginning => _kind switch
    {
        JsonCollections.Array or JsonCollections.ImmutableArray => $"using var items = new ItemBuffer<{Arguments}>();",
        JsonCollections.List => $"var items = new {Generic}List<{Arguments}>();",
        JsonCollections.Builder => $"var items = {Immutable}{_made}.CreateBuilder<{Arguments}>({Order});",
        _ => $"var items = new {Generic}{_made}<{Arguments}>({Order});",
    };

    /// <summary>
    /// A statement that refuses a <c>value</c> of which something would be lost when it is read; null where that cannot
    /// be.
    /// </summary>
    public string? Check =>
        !IsMap && _kind is not (JsonCollections.Builder or JsonCollections.New) || _made == "ImmutableList"
            ? null
            : $"CollectionWrite.RequireDistinct{(IsMap ? "Keys" : "")}{(IsSorted ? "InOrder" : "")}(value);";

    /// <summary>An expression for the collection.</summary>
    public string End => _kind switch
    {
        JsonCollections.Array => "items.ToArray()",
        JsonCollections.ImmutableArray => Marshal + "ImmutableCollectionsMarshal.AsImmutableArray(items.ToArray())",
        JsonCollections.Builder => "items.ToImmutable()",
        _ => "items",
    };

    private bool IsSorted => _made.Contains("Sorted");

    /// <summary>Texts are ordered ordinally: by culture two that differ may be the same, and it is another on each
    /// machine.</summary>
    private string Order => IsSorted && (IsMap ? type.Key! : _item).Primitive is { Name: "String" } && !IsWrapped
        ? "global::System.StringComparer.Ordinal"
        : "";

    private bool IsWrapped => (IsMap ? type.Key! : _item).Form == JsonShapeKind.Wrapper;

    private string ItemName => _item.AllowsNull && _item.Form != JsonShapeKind.Nullable ? _item.Name + "?" : _item.Name;

    private string Arguments => IsMap ? $"{type.Key!.Name}, {ItemName}" : ItemName;

    /// <summary>Opens a loop over <c>value</c> that has each <c>item</c>.</summary>
    public void OpenItems(CodeWriter code)
    {
        var items = _kind == JsonCollections.ImmutableArray ? "value.AsSpan()" : "value";
        // An array of such lists begins with the same name.
        var isIndexed = !type.Name.EndsWith("]", StringComparison.Ordinal)
            && Indexed.Any(start => type.Name.StartsWith(start, StringComparison.Ordinal));
        code.Open(isIndexed ? "for (var index = 0; index < value.Count; index++)" : $"foreach (var item in {items})");
        if (isIndexed)
            code.Line("var item = value[index];");
    }
}
