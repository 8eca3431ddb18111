using Millrace.Generators.Handlers;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Models;

/// <summary>Lists the generated members of a model, and finds names that are not unique.</summary>
internal static class ModelNames
{
    /// <summary>The members of every model.</summary>
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
    /// Returns the keys of items that would have the same name. The comparison ignores case, because names are also
    /// file names. The order of types does not change the result.
    /// </summary>
    public static EquatableArray<string> Clashes(TypeDeclaration model, ModelParts parts)
    {
        var clashes = new SortedSet<string>(StringComparer.Ordinal);
        int previousCount;
        do
        {
            previousCount = clashes.Count;
            Collect(model with { Clashes = clashes.ToEquatable() }, parts, clashes);
        }
        while (clashes.Count > previousCount); // A name with a digest can still equal a type's name.
        return clashes.ToEquatable();
    }

    private static void Collect(TypeDeclaration model, ModelParts parts, SortedSet<string> clashes)
    {
        var owners = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var reserved in model.ExistingNames.Concat(Members).Append(model.Name))
            owners[reserved] = "";
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
