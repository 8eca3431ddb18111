namespace Millrace.Evolution;

/// <summary>
/// Connects the stored shapes with their upcasters. Refuses upcasters without a target, with several targets, or in a
/// cycle.
/// </summary>
internal sealed class ShapeGraph
{
    private readonly Dictionary<(string Name, int SchemaVersion), StoredShape> _byName = [];
    private readonly Dictionary<Type, StoredShape> _byType = [];

    public ShapeGraph(EventEvolution evolution)
    {
        foreach (var type in evolution.Types)
            Add(type);
        foreach (var upcaster in evolution.Upcasters)
            AddSource(upcaster);
        foreach (var upcaster in evolution.Upcasters)
            Connect(upcaster);
        foreach (var shape in _byName.Values)
            shape.MaySplit = Splits(shape, []);
        new MergeRoles(_byType, _byName.Values).Assign(evolution.Mergers);
        foreach (var (former, name) in evolution.FormerNames)
            AddFormer(former, name);
    }

    public IReadOnlyDictionary<(string Name, int SchemaVersion), StoredShape> ByName => _byName;

    public IReadOnlyDictionary<Type, StoredShape> ByType => _byType;

    /// <summary>Returns the shapes that readers receive for a shape. These shapes have no upcaster.</summary>
    public static IEnumerable<StoredShape> Ends(StoredShape shape)
    {
        var ends = shape.Upcaster is null ? [shape] : shape.Next.SelectMany(Ends);
        return shape.Role is { } role ? ends.Concat(Ends(role.Into)) : ends;
    }

    private void Add(EventType type)
    {
        var key = (type.Name, type.SchemaVersion);
        if (_byName.TryGetValue(key, out var other))
        {
            if (other.Type?.ClrType != type.ClrType)
            {
                throw new InvalidOperationException(
                    $"Event type '{type.Name}' version {type.SchemaVersion} is declared by {other.Type?.ClrType} and "
                    + $"by {type.ClrType}. Give one of them another name or version.");
            }
            return;
        }
        var shape = new StoredShape(type.Name, type.SchemaVersion, type);
        _byName.Add(key, shape);
        _byType.TryAdd(type.ClrType, shape);
    }

    private void AddSource(Upcaster upcaster)
    {
        if (upcaster.FromName is { } name)
            _byName.TryAdd((name, upcaster.FromVersion), new StoredShape(name, upcaster.FromVersion, type: null));
    }

    private void Connect(Upcaster upcaster)
    {
        var source = upcaster.FromName is { } name
            ? _byName[(name, upcaster.FromVersion)]
            : ShapeOfType(upcaster.FromType!, "takes"); // The source of an upcaster is JSON or a CLR type.
        if (source.Upcaster is not null)
            throw new InvalidOperationException(
                $"Two upcasters start from {source}, but only one is allowed. Remove the other.");
        source.Next = upcaster.MakesJson
            ? [ShapeOfJson(upcaster)]
            : [.. upcaster.Into.Select(type => ShapeOfType(type, "makes"))];
        source.Upcaster = upcaster;
    }

    private StoredShape ShapeOfType(Type type, string verb) =>
        _byType.TryGetValue(type, out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"An upcaster {verb} {type}, which is not a registered event type. Mark it with "
                + "[Event(\"name\", Version = …)].");

    private StoredShape ShapeOfJson(Upcaster upcaster) =>
        // The source of an upcaster to JSON is also JSON, so it has a name.
        _byName.TryGetValue((upcaster.FromName!, upcaster.ToVersion), out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"The upcaster from '{upcaster.FromName}' version {upcaster.FromVersion} makes version "
                + $"{upcaster.ToVersion}, which is neither an event type nor the source of another upcaster.");

    /// <summary>
    /// Returns whether an event of a shape may be read as several events or as no event. Throws an exception if the
    /// upcasters form a cycle.
    /// </summary>
    private static bool Splits(StoredShape shape, HashSet<StoredShape> path)
    {
        if (!path.Add(shape))
            throw new InvalidOperationException(
                $"The upcasters from {shape} lead back to it: remove the upcaster that closes the cycle.");
        var splits = shape.Upcaster is { IsSplit: true };
        var maxParts = 0;
        foreach (var next in shape.Next)
        {
            splits |= Splits(next, path);
            maxParts += Ends(next).Count();
        }
        path.Remove(shape);
        if (maxParts > EventParts.MaxCount)
            throw new InvalidOperationException(
                $"{shape} would be read as {maxParts} events; at most {EventParts.MaxCount} are allowed.");
        return splits;
    }

    private void AddFormer(string former, string name)
    {
        var known = _byName.Values.Where(shape => shape.Name == name).ToList();
        if (known.Count == 0)
            throw new InvalidOperationException(
                $"'{former}' is a former name of '{name}', which is not a registered event type.");
        foreach (var shape in known)
            _byName.TryAdd((former, shape.SchemaVersion), shape);
    }
}
