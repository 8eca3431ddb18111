using System.Text.Json.Serialization.Metadata;
using Millrace.Serialization;

namespace Millrace.Queries;

/// <summary>Finds the code on which cached answers depend.</summary>
internal static class CachedTypes
{
    /// <summary>
    /// Identifies the code of a handler and of the types in its query and answer. Another build of one of them can have
    /// another shape of the answer, or another answer.
    /// </summary>
    public static string BuildOf(Delegate handler, JsonTypeInfo query, JsonTypeInfo answer)
    {
        var modules = new SortedSet<Guid> { handler.Method.Module.ModuleVersionId };
        foreach (var info in PartsOf(query).Concat(PartsOf(answer)))
            modules.Add(info.Type.Module.ModuleVersionId);
        return string.Join(' ', modules);
    }

    /// <summary>Returns the metadata of a type, and of all types in its JSON.</summary>
    public static IReadOnlyCollection<JsonTypeInfo> PartsOf(JsonTypeInfo root)
    {
        var found = new Dictionary<Type, JsonTypeInfo> { [root.Type] = root };
        var open = new Stack<JsonTypeInfo>([root]);
        while (open.TryPop(out var info))
        {
            foreach (var type in PartTypes(info))
            {
                if (!found.ContainsKey(type) && info.Options.TryGetTypeInfo(type, out var part))
                {
                    found.Add(type, part);
                    open.Push(part);
                }
            }
        }
        return found.Values;
    }

    private static IEnumerable<Type> PartTypes(JsonTypeInfo info) =>
    [
        .. info.Properties.Select(property => property.PropertyType),
        .. info.PolymorphismOptions?.DerivedTypes.Select(derived => derived.DerivedType) ?? [],
        .. info.Type.GenericTypeArguments,
        .. new[] { info.ElementType, info.KeyType, info.Type.GetElementType() }.OfType<Type>(),
        .. info.Converter is IDescribedConverter converter ? PartTypes(converter.Describe()) : [],
    ];

    private static IEnumerable<Type> PartTypes(TypeDescription description) =>
    [
        .. description.Members.Select(member => member.Type),
        .. description.Inner is { } inner ? [inner] : (Type[])[],
        .. description.Variants.SelectMany(variant => PartTypes(variant.Description).Append(variant.Type)),
    ];
}
