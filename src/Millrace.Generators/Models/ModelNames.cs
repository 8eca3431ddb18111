namespace Millrace.Generators;

/// <summary>Names of what is generated within a model.</summary>
internal static class ModelNames
{
    /// <summary>The members that every model is given.</summary>
    public static readonly string[] Members =
    [
        "Describe",
        "EventsContract",
        "Json",
        "JsonResolver",
        "JsonTypes",
        "Register",
        "RegisterAggregates",
        "RegisterCommands",
        "RegisterEvents",
        "RegisterProcesses",
        "RegisterProjections",
        "RegisterQueries",
    ];

    /// <summary>
    /// The keys of what would share its name with something else. Names of files are compared without regard to case,
    /// so that names in code are as well. The order in which types are found does not matter.
    /// </summary>
    public static EquatableArray<string> Clashes(TypeDeclaration model, ModelParts parts)
    {
        var clashes = new SortedSet<string>(StringComparer.Ordinal);
        int before;
        do
        {
            before = clashes.Count;
            Collect(model with { Clashes = clashes.ToEquatable() }, parts, clashes);
        }
        while (clashes.Count > before); // A name with a digest could still be that of a type.
        return clashes.ToEquatable();
    }

    private static void Collect(TypeDeclaration model, ModelParts parts, SortedSet<string> clashes)
    {
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var taken in model.Taken.Concat(Members).Append(model.Name))
            owners[taken] = "";
        foreach (var (name, owner) in Names(model, parts))
        {
            if (!owners.TryGetValue(name, out var other))
                owners[name] = owner;
            else if (other != owner)
                clashes.UnionWith(other.Length == 0 ? [owner] : [owner, other]);
        }
    }

    private static IEnumerable<(string Name, string Owner)> Names(TypeDeclaration model, ModelParts parts)
    {
        var names = new JsonNames(model);
        foreach (var type in parts.Shapes.Select(shape => shape.Type))
        {
            yield return (names.Of(type), JsonNames.KeyOf(type));
            yield return (names.CborOf(type), JsonNames.KeyOf(type));
        }
        foreach (var handler in parts.Handlers)
            yield return (HandlerEmitter.MethodName(names, handler), handler.Message);
    }
}
