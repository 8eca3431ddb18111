namespace Millrace;

/// <summary>Joins the shapes that may be stored by their upcasters, and refuses what leads nowhere, apart, or round in
/// circles.</summary>
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
            Join(upcaster);
        foreach (var shape in _byName.Values)
            shape.MaySplit = Splits(shape, []);
        new MergeRoles(_byType, _byName.Values).Assign(evolution.Mergers);
        foreach (var (former, name) in evolution.FormerNames)
            AddFormer(former, name);
    }

    public IReadOnlyDictionary<(string Name, int SchemaVersion), StoredShape> ByName => _byName;

    public IReadOnlyDictionary<Type, StoredShape> ByType => _byType;

    /// <summary>The shapes that an event is handed out in, which have no upcaster themselves.</summary>
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
                        + $"by {type.ClrType}. "
                    + "Give one of them another name or version.");
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

    private void Join(Upcaster upcaster)
    {
        var source = upcaster.FromName is { } name
            ? _byName[(name, upcaster.FromVersion)]
            : OfType(upcaster.FromType!, "takes"); // It takes a type where it does not take JSON.
        if (source.Upcaster is not null)
            throw new InvalidOperationException(
                $"Two upcasters begin from {source}: only one way may lead on. Remove one.");
        source.Next = upcaster.MakesJson
            ? [OfJson(upcaster)]
            : [.. upcaster.Into.Select(type => OfType(type, "makes"))];
        source.Upcaster = upcaster;
    }

    private StoredShape OfType(Type type, string does) =>
        _byType.TryGetValue(type, out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"An upcaster {does} {type}, which is no registered event type. Mark it with [Event(\"name\", Version "
                    + $"= …)]."
            );

    private StoredShape OfJson(Upcaster upcaster) =>
        // What makes JSON takes JSON, and so has a name.
        _byName.TryGetValue((upcaster.FromName!, upcaster.ToVersion), out var shape)
            ? shape
            : throw new InvalidOperationException(
                $"The upcaster from '{upcaster.FromName}' version {upcaster.FromVersion} makes version "
                    + $"{upcaster.ToVersion}, "
                + "which is neither an event type nor taken by another upcaster.");

    /// <summary>Whether the way from a shape may end in more or fewer events than one; refuses a way that comes
    /// back.</summary>
    private static bool Splits(StoredShape shape, HashSet<StoredShape> way)
    {
        if (!way.Add(shape))
            throw new InvalidOperationException(
                $"The upcasters from {shape} lead back to it: remove the one that goes back.");
        var splits = shape.Upcaster is { IsSplit: true };
        var most = 0;
        foreach (var next in shape.Next)
        {
            splits |= Splits(next, way);
            most += Ends(next).Count();
        }
        way.Remove(shape);
        if (most > EventParts.MaxCount)
            throw new InvalidOperationException(
                $"{shape} would be read as {most} events; at most {EventParts.MaxCount} are allowed.");
        return splits;
    }

    private void AddFormer(string former, string name)
    {
        var known = _byName.Values.Where(shape => shape.Name == name).ToList();
        if (known.Count == 0)
            throw new InvalidOperationException(
                $"'{former}' is a former name of '{name}', which is no registered event type.");
        foreach (var shape in known)
            _byName.TryAdd((former, shape.SchemaVersion), shape);
    }
}
