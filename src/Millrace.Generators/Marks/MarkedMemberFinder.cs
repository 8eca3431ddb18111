using Millrace.Generators.Json;

namespace Millrace.Generators.Marks;

/// <summary>Finds the marked members of a type at any depth, with their paths.</summary>
internal sealed class MarkedMemberFinder
{
    private readonly Dictionary<string, JsonShape> _shapes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leading = new(StringComparer.Ordinal);
    private readonly List<(MarkedMember Found, string[] Objects)> _found = [];
    private readonly HashSet<string> _recursive = new(StringComparer.Ordinal);
    private readonly Stack<string> _objects = new();

    private MarkedMemberFinder(JsonGraph graph)
    {
        foreach (var shape in graph.Shapes)
            _shapes[KeyOf(shape.Type)] = shape;
    }

    /// <summary>
    /// Returns the marked members. Members of a value that is marked as a whole are not searched.
    /// </summary>
    public static IReadOnlyList<MarkedMember> Find(JsonGraph graph)
    {
        if (graph.Root is not { } root || !graph.Shapes.Any(HasMark))
            return [];
        var finder = new MarkedMemberFinder(graph);
        finder.FindLeading();
        finder.Visit(root, "");
        return
        [
            .. finder._found.Select(pair =>
                pair.Found with { IsRecursive = pair.Objects.Any(finder._recursive.Contains) }),
        ];
    }

    /// <summary>
    /// Returns the members at a path: none if the type has no such member, and several if derived types have one each.
    /// </summary>
    public static IEnumerable<JsonMember> MembersAt(JsonGraph graph, string path)
    {
        var finder = new MarkedMemberFinder(graph);
        var types = new List<JsonType?> { graph.Root };
        var members = new List<JsonMember>();
        foreach (var segment in path.Split('/').Skip(1))
        {
            var inner = types.Select(Inner).Where(type => type is not null).Select(type => type!).ToList();
            var collections = inner.Where(type => type.Form is JsonShapeKind.List or JsonShapeKind.Map);
            members = [.. inner.SelectMany(finder.Objects).SelectMany(shape => shape.Members)
                .Where(member => JsonPointer.Segment(member.JsonName) == segment)];
            types = [.. members.Select(member => member.Type)];
            if (segment == "*")
                types.AddRange(collections.Select(type => type.Item));
        }
        return members;
    }

    private static bool HasMark(JsonShape shape) => shape.Members.Any(member => member.Mark is not null);

    /// <summary>Finds the types that lead to a marked member, so that other types are not searched.</summary>
    private void FindLeading()
    {
        int count;
        do
        {
            count = _leading.Count;
            foreach (var (key, shape) in _shapes.Select(pair => (pair.Key, pair.Value)))
            {
                if (HasMark(shape) || TypesIn(shape).Any(type => _leading.Contains(KeyOf(type))))
                    _leading.Add(key);
            }
        }
        while (_leading.Count > count);
    }

    private static IEnumerable<JsonType> TypesIn(JsonShape shape) => shape.Members
        .Select(member => (JsonType?)member.Type)
        .Append(shape.Type.Item)
        .Concat(shape.Listed is { } listed ? listed.Variants.Select(variant => (JsonType?)variant.Type) : [])
        .Select(Inner)
        .Where(type => type is not null)
        .Select(type => type!); // Null was filtered out.

    private void Visit(JsonType type, string path)
    {
        type = Inner(type)!; // An argument that is not null has an inner type.
        if (!_leading.Contains(KeyOf(type)))
            return;
        if (type is { Form: JsonShapeKind.List or JsonShapeKind.Map, Item: { } item })
        {
            Visit(item, path + "/*");
            return;
        }
        foreach (var shape in Objects(type))
            VisitObject(shape, path);
    }

    private void VisitObject(JsonShape shape, string path)
    {
        var key = KeyOf(shape.Type);
        if (_objects.Contains(key))
        {
            _recursive.Add(key);
            return;
        }
        _objects.Push(key);
        foreach (var member in shape.Members)
        {
            var memberPath = path + "/" + JsonPointer.Segment(member.JsonName);
            if (member.Mark is { } mark)
                _found.Add((new(memberPath, mark, member, shape, path, false), _objects.ToArray()));
            else
                Visit(member.Type, memberPath);
        }
        _objects.Pop();
    }

    /// <summary>Returns the objects that a value of a type can be; none for other types.</summary>
    private IEnumerable<JsonShape> Objects(JsonType type)
    {
        if (!_shapes.TryGetValue(KeyOf(type), out var shape))
            return [];
        return type.Form switch
        {
            JsonShapeKind.Object => [shape],
            JsonShapeKind.Polymorphic when shape.Listed is { } listed => listed.Variants
                .Select(variant => KeyOf(variant.Type))
                .Where(_shapes.ContainsKey)
                .Select(key => _shapes[key]),
            _ => [],
        };
    }

    private static JsonType? Inner(JsonType? type) => type is { Form: JsonShapeKind.Nullable } ? type.Item : type;

    private static string KeyOf(JsonType type) => type.Name + "|" + type.Detail;
}
