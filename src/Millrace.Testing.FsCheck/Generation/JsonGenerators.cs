using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Serialization;

namespace Millrace.Testing;

/// <summary>Makes JSON of the types of a model, by the descriptions that their converters give. Immutable.</summary>
internal sealed class JsonGenerators
{
    private const int MostItems = 4;
    private const int MostLevels = 6;
    private const int MostRefused = 2_000;

    private readonly ModelCatalog _model;
    private readonly ImmutableDictionary<Type, Gen<JsonNode?>> _given;

    public JsonGenerators(ModelCatalog model)
        : this(model, ImmutableDictionary<Type, Gen<JsonNode?>>.Empty)
    {
    }

    private JsonGenerators(ModelCatalog model, ImmutableDictionary<Type, Gen<JsonNode?>> given) => (_model, _given) = (model, given);

    public JsonGenerators With(Type type, Gen<JsonNode?> generator) => new(_model, _given.SetItem(type, generator));

    public Gen<JsonNode?> Of(Type type) => Of(type, 0);

    private Gen<JsonNode?> Of(Type type, int level)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (_given.TryGetValue(type, out var given))
            return given;
        if (PrimitiveGenerators.Find(type) is { } primitive)
            return primitive;
        var description = _model.Describe(type) ?? throw new SpecificationException(
            $"The model does not say what {type.Name} consists of: say how it is made by With<{type.Name}>(…).");
        return Accepted(type, Of(type, description, level));
    }

    private Gen<JsonNode?> Of(Type type, TypeDescription description, int level) => description.Form switch
    {
        TypeForm.Value when description.Inner is { } inner => Of(inner, level),
        TypeForm.Enumeration => Gen.Elements(description.Names.ToArray()).Select(name => (JsonNode?)JsonValue.Create(name)),
        TypeForm.Object => Members(description.Members.Where(member => !member.IsReadOnly).ToArray(), level + 1),
        TypeForm.List when description.Inner is { } item => Items(item, description.AllowsNullInside, level + 1),
        TypeForm.Map when description.Inner is { } value => Entries(value, description.AllowsNullInside, level + 1),
        _ => throw new SpecificationException($"{type.Name} may be any JSON: say how it is made by With<{type.Name}>(…)."),
    };

    private Gen<JsonNode?> Members(MemberDescription[] members, int level)
    {
        // One after the other, and not all at once: a type may hold itself.
        var made = Gen.Fresh(() => new JsonObject());
        foreach (var member in members)
        {
            made = made.SelectMany(made => OrNull(() => Of(member.Type, level), member.AllowsNull, level), (tree, value) =>
            {
                if (value is not null)
                    tree[member.Name] = value.Parent is null ? value : value.DeepClone();
                return tree;
            });
        }
        return made.Select(tree => (JsonNode?)tree);
    }

    private Gen<JsonNode?> Items(Type item, bool allowsNull, int level) =>
        Gen.Choose(0, level > MostLevels ? 0 : MostItems)
            .SelectMany(count => Gen.ArrayOf(OrNull(() => Of(item, level), allowsNull && count > 0, level), count))
            .Select(items => (JsonNode?)new JsonArray([.. items.Select(one => one?.DeepClone())]));

    private Gen<JsonNode?> Entries(Type value, bool allowsNull, int level) =>
        Gen.Choose(0, level > MostLevels ? 0 : MostItems)
            .SelectMany(count => Gen.ArrayOf(OrNull(() => Of(value, level), allowsNull && count > 0, level), count))
            .Select(values => (JsonNode?)new JsonObject(values.Select((one, i) => KeyValuePair.Create($"key{i}", one?.DeepClone()))));

    private static Gen<JsonNode?> OrNull(Func<Gen<JsonNode?>> make, bool allowsNull, int level)
    {
        var none = Gen.Constant<JsonNode?>(null);
        if (!allowsNull)
            return make();
        return level > MostLevels ? none : Gen.Choose(0, 3).SelectMany(one => one == 0 ? none : make());
    }

    /// <summary>What the type itself accepts: its rule is asked, and asked again with something else.</summary>
    private Gen<JsonNode?> Accepted(Type type, Gen<JsonNode?> made)
    {
        if (!_model.Json.TryGetTypeInfo(type, out var json))
            return made;
        var refused = 0;
        string? reason = null;
        return made.Where(node =>
        {
            try
            {
                JsonSerializer.Deserialize(node, json);
                Volatile.Write(ref refused, 0);
                return true;
            }
            catch (Exception exception) when (exception is JsonException or MillraceException or ArgumentException or FormatException)
            {
                reason = exception.Message;
                return Interlocked.Increment(ref refused) < MostRefused
                    ? false
                    : throw new SpecificationException(
                        $"No {type.Name} could be made, its rule refused all: {reason} Say how it is made by With<{type.Name}>(…).",
                        exception);
            }
        });
    }
}
