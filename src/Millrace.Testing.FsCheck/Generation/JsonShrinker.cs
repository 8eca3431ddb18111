using System.Text.Json.Nodes;
using Millrace.Serialization;

namespace Millrace.Testing.Generation;

/// <summary>
/// Simplifies JSON of a model's types, based on the descriptions of their converters. The class does not check the
/// types' rules.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="isKept">Returns true for types whose values must not change, because it is unknown what their
/// generators can produce.</param>
internal sealed class JsonShrinker(ModelCatalog model, Func<Type, bool> isKept)
{
    public IEnumerable<JsonNode?> Of(Type type, JsonNode? node, bool allowsNull)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (node is null)
            return [];
        IEnumerable<JsonNode?> simpler = isKept(type) ? []
            : PrimitiveGenerators.Find(type) is not null ? PrimitiveShrinker.Of(type, node)
            : model.Describe(type) is { } description ? Of(type, description, node)
            : [];
        return allowsNull ? simpler.Prepend(null) : simpler;
    }

    private IEnumerable<JsonNode?> Of(Type type, TypeDescription description, JsonNode node) =>
        (description.Form, node) switch
        {
            (TypeForm.Value, _) when description.Inner is { } inner => Of(inner, node, allowsNull: false),
            (TypeForm.Enumeration, JsonValue) => description
                .Names.TakeWhile(name => name != node.ToString())
                .Select(name => (JsonNode?)JsonValue.Create(name)),
            (TypeForm.Object, JsonObject tree) => Members(description, tree),
            (TypeForm.Polymorphic, JsonObject listed) => description
                .Variants.Where(variant =>
                    $"{variant.Discriminator}" == (listed[description.Discriminator!]?.ToString() ?? ""))
                .SelectMany(variant => Members(variant.Description, listed)),
            (TypeForm.List, JsonArray items) when description.Inner is { } item => Items(
                item, description.AllowsNullInside, items),
            (TypeForm.Map, JsonObject entries) when description.Inner is { } value => Entries(
                type.GetGenericArguments()[0], value, description.AllowsNullInside, entries),
            _ => [],
        };

    private IEnumerable<JsonNode?> Members(TypeDescription description, JsonObject tree)
    {
        foreach (var member in description.Members.Where(member => !member.IsReadOnly))
        {
            foreach (var simpler in Of(member.Type, tree[member.Name], member.AllowsNull))
            {
                var other = tree.DeepClone().AsObject();
                if (simpler is null)
                    other.Remove(member.Name);
                else
                    other[member.Name] = CloneIfAttached(simpler);
                yield return other;
            }
        }
    }

    private IEnumerable<JsonNode?> Items(Type item, bool allowsNull, JsonArray items)
    {
        for (var part = items.Count; part > 0; part /= 2)
        {
            for (var from = 0; from + part <= items.Count; from += part)
                yield return new JsonArray([
                    .. items.Where((_, i) => i < from || i >= from + part).Select(one => one?.DeepClone()),
                ]);
        }
        for (var index = 0; index < items.Count; index++)
        {
            foreach (var simpler in Of(item, items[index], allowsNull))
                yield return new JsonArray([
                    .. items.Select((one, i) => i == index ? CloneIfAttached(simpler) : one?.DeepClone()),
                ]);
        }
    }

    private IEnumerable<JsonNode?> Entries(Type key, Type value, bool allowsNull, JsonObject entries)
    {
        foreach (var (name, inner) in entries)
        {
            var without = entries.DeepClone().AsObject();
            without.Remove(name);
            yield return without;
            foreach (var simpler in Of(key, JsonValue.Create(name), allowsNull: false).OfType<JsonNode>())
            {
                var renamed = without.DeepClone().AsObject();
                if (renamed.TryAdd(simpler.ToString(), inner?.DeepClone()))
                    yield return renamed;
            }
            foreach (var simpler in Of(value, inner, allowsNull))
            {
                var other = entries.DeepClone().AsObject();
                other[name] = CloneIfAttached(simpler);
                yield return other;
            }
        }
    }

    private static JsonNode? CloneIfAttached(JsonNode? node) => node?.Parent is null ? node : node.DeepClone();
}
