using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Contracts;

/// <summary>
/// Writes the structure of a type's JSON as one line of text. The text does not depend on the names of types in C#.
/// </summary>
internal sealed class ShapeText
{
    private readonly Dictionary<string, JsonShape> _shapes;
    private readonly HashSet<string> _enclosingTypes = new(StringComparer.Ordinal);

    public ShapeText(JsonGraph graph) => _shapes = graph.Shapes
        .GroupBy(shape => NameOf(shape.Type), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);

    /// <summary>
    /// Returns the members of an event. The text of a member contains its shape, and the name states whether the member
    /// is optional.
    /// </summary>
    public IEnumerable<(string Name, string Text)> MembersOf(string type)
    {
        _enclosingTypes.Add(type);
        if (!_shapes.TryGetValue(type, out var shape))
            return [];
        // An event is always stored as its own type, even if the type lists derived types.
        var written = shape.Listed?.Fallback(type) is { } itself ? _shapes[NameOf(itself.Type)] : shape;
        return [.. Members(written)];
    }

    private static string NameOf(JsonType type) =>
        type.Form == JsonShapeKind.Variant ? type.Name + "|" + type.Detail : type.Name;

    private IEnumerable<(string Name, string Text)> Members(JsonShape shape) => shape.Members
        .Where(member => member.Target != MemberTarget.None)
        .Select(member => (ShapeName.OfMember(member.JsonName, !member.IsRequired), Of(NotNull(member.Type))));

    private IEnumerable<string> MemberTexts(JsonShape shape) =>
        shape
            .Members.Where(member => member.Target != MemberTarget.None)
            .Select(member =>
                ShapeName.Escape(member.JsonName) + (member.IsRequired ? "" : "?") + ":" + Of(NotNull(member.Type)));

    private string Of(JsonType type) => type.Form switch
    {
        JsonShapeKind.Primitive or JsonShapeKind.Wrapper => Casing.Camel(type.Primitive!.Name) + Null(type),
        JsonShapeKind.Nullable => Of(type.Item!) + "?",
        JsonShapeKind.List => $"[{Of(type.Item!)}]" + Null(type),
        JsonShapeKind.Map => $"<{Of(type.Key!)},{Of(type.Item!)}>" + Null(type),
        JsonShapeKind.Enum => EnumOf(type) + Null(type),
        JsonShapeKind.Object or JsonShapeKind.Variant => ObjectOf(type) + Null(type),
        JsonShapeKind.Polymorphic => ListedOf(type) + Null(type),
        _ => "custom" + Null(type),
    };

    /// <summary>
    /// Returns the names of the values of an enumeration. For flags, the text starts with the type of the number.
    /// </summary>
    private string EnumOf(JsonType type)
    {
        if (!_shapes.TryGetValue(type.Name, out var shape))
            return "()";
        var values = shape.Values.Where(value => !value.IsAlias)
            .Select(value => ShapeName.Escape(value.JsonName) + (shape.IsFlags ? "=" + value.Number : ""));
        return (shape.IsFlags ? Casing.Camel(shape.Type.Primitive!.Name) : "") + $"({string.Join("|", values)})";
    }

    private string ObjectOf(JsonType type)
    {
        if (!_shapes.TryGetValue(NameOf(type), out var shape) || !_enclosingTypes.Add(NameOf(type)))
            return "^"; // A recursive type is written once.
        var text = string.Join(",", MemberTexts(shape));
        _enclosingTypes.Remove(NameOf(type));
        return "{" + text + "}";
    }

    /// <summary>
    /// Returns the discriminator's name and the shape of each listed type, such as
    /// <c>$type{'card':{number:string},'cash':{}}</c>.
    /// </summary>
    private string ListedOf(JsonType type)
    {
        if (!_shapes.TryGetValue(type.Name, out var shape) || shape.Listed is not { } listed)
            return "^";
        var variants = listed.Variants.OrderBy(variant => variant.Key, StringComparer.Ordinal)
            .Select(variant => ShapeName.Escape(variant.Key) + ":" + Of(variant.Type));
        return ShapeName.Escape(listed.Discriminator) + "{" + string.Join(",", variants) + "}";
    }

    /// <summary>
    /// Returns the type without null. The text of a member already states that it may be missing.
    /// </summary>
    private static JsonType NotNull(JsonType type) =>
        type.Form == JsonShapeKind.Nullable ? type.Item! : type with { AllowsNull = false };

    private static string Null(JsonType type) => type.AllowsNull ? "?" : "";
}
