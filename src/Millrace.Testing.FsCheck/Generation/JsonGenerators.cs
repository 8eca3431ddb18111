using System.Collections.Concurrent;
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
    private const int MaxItems = 4;
    private const int LargeCollectionSize = 40;
    private const int MaxLevels = 6;
    private const int MaxRejected = 2_000;
    private const int Samples = 200;
    private const int SampleSize = 50;

    // Always the same: limits that depended on what was made before would make a seed show another history.
    private static readonly Rnd Seed = new(1);

    private readonly ModelCatalog _model;
    private readonly bool _findsLimits;
    private readonly ImmutableDictionary<Type, Gen<JsonNode?>> _given;
    private readonly ConcurrentDictionary<Type, IReadOnlyList<JsonNode?>> _limits = [];
    private readonly ConcurrentDictionary<(Type Type, string Member), IReadOnlyList<JsonNode?>> _memberLimits = [];

    public JsonGenerators(ModelCatalog model)
        : this(model, ImmutableDictionary<Type, Gen<JsonNode?>>.Empty, findsLimits: true)
    {
    }

    private JsonGenerators(ModelCatalog model, ImmutableDictionary<Type, Gen<JsonNode?>> given, bool findsLimits) =>
        (_model, _given, _findsLimits) = (model, given, findsLimits);

    public JsonGenerators With(Type type, Gen<JsonNode?> generator) =>
        new(_model, _given.SetItem(type, generator), _findsLimits);

    public Gen<JsonNode?> Of(Type type) => Of(type, 0);

    /// <summary>Simpler values of a type than one that was made, the simplest first; its rule accepts each.</summary>
    public IEnumerable<JsonNode?> Simpler(Type type, JsonNode? node)
    {
        var accepts = Accepting(type);
        return new JsonShrinker(_model, _given.ContainsKey)
            .Of(type, node, allowsNull: false)
            .Where(one => accepts(one) is null);
    }

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

    private Gen<JsonNode?> Of(Type type, TypeDescription description, int level) =>
        description.Form switch
        {
            TypeForm.Value when description.Inner is { } inner => WithLimits(type, inner, Of(inner, level)),
            TypeForm.Enumeration => Gen.Elements(description.Names.ToArray())
                .Select(name => (JsonNode?)JsonValue.Create(name)),
            TypeForm.Object => AtLimits(type, description, Members([.. Written(description)], level + 1)),
            TypeForm.Polymorphic => Gen.Elements(description.Variants.ToArray())
                .SelectMany(variant =>
                    Members([.. Written(variant.Description)], level + 1)
                        .Select(made => With(made, description.Discriminator!, variant))),
            TypeForm.List when description.Inner is { } item => Items(item, description.AllowsNullInside, level + 1),
            TypeForm.Map when description.Inner is { } value => Entries(
                type, value, description.AllowsNullInside, level + 1),
            _ => throw new SpecificationException(
                $"{type.Name} may be any JSON: say how it is made by With<{type.Name}>(…)."),
        };

    private Gen<JsonNode?> Members(MemberDescription[] members, int level)
    {
        // One after the other, and not all at once: a type may hold itself.
        var made = Gen.Fresh(() => new JsonObject());
        foreach (var member in members)
        {
            made = made.SelectMany(
                made => OrNull(() => Of(member.Type, level), member.AllowsNull, level),
                (tree, value) =>
                {
                    if (value is not null)
                        tree[member.Name] = value.Parent is null ? value : value.DeepClone();
                    return tree;
                }
            );
        }
        return made.Select(tree => (JsonNode?)tree);
    }

    private Gen<JsonNode?> Items(Type item, bool allowsNull, int level) => Count(level)
        .SelectMany(count => Gen.ArrayOf(OrNull(() => Of(item, level), allowsNull && count > 0, level), count))
        .Select(items => (JsonNode?)new JsonArray([.. items.Select(one => one?.DeepClone())]));

    private Gen<JsonNode?> Entries(Type map, Type value, bool allowsNull, int level)
    {
        // Of all types that are written as maps the keys' is the first.
        var keys = Of(map.GetGenericArguments()[0], level).Select(key => key!.ToString());
        return from count in Count(level)
               from names in Gen.ArrayOf(keys, count)
               let different = names.Distinct(StringComparer.Ordinal).ToArray()
               from values in Gen.ArrayOf(
                   OrNull(() => Of(value, level), allowsNull && count > 0, level), different.Length)
               select (JsonNode?)
                   new JsonObject(different.Zip(values, (name, one) => KeyValuePair.Create(name, one?.DeepClone())));
    }

    private static Gen<int> Count(int level) => level > MaxLevels
        ? Gen.Constant(0)
        : Gen.Frequency((20, Gen.Choose(0, MaxItems)), (level > 2 ? 0 : 1, Gen.Choose(MaxItems, LargeCollectionSize)));

    private static IEnumerable<MemberDescription> Written(TypeDescription description) =>
        description.Members.Where(member => !member.IsReadOnly);

    /// <summary>Now and then an object with one member at a limit that the rule of the whole has for it: an amount of
    /// 0.01.</summary>
    private Gen<JsonNode?> AtLimits(Type type, TypeDescription description, Gen<JsonNode?> made)
    {
        var ruled = Written(description).Where(member => ValueLimits.MayFind(member.Type)).ToArray();
        if (ruled.Length == 0 || !_findsLimits)
            return made;
        return from node in made
               from member in Gen.Elements(ruled)
               let limits = LimitsOf(type, description, member)
               from limit in limits.Count == 0
                   ? Gen.Constant<JsonNode?>(null)
                   : Gen.Frequency((9, Gen.Constant<JsonNode?>(null)), (1, Gen.Elements(limits.ToArray())))
               select limit is null ? node : With(node, member.Name, limit);
    }

    /// <summary>The limits of a member beside others that the rule accepts; none where it accepts none of the
    /// samples.</summary>
    private IReadOnlyList<JsonNode?> LimitsOf(Type type, TypeDescription description, MemberDescription member) =>
        _memberLimits.GetOrAdd((type, member.Name), _ =>
        {
            var accepts = Accepting(type);
            var plain = Plain().Members([.. Written(description)], 1);
            foreach (var node in plain.Sample(size: SampleSize, seed: Seed, numberOfSamples: Samples))
            {
                if (accepts(node) is null)
                    return new ValueLimits(member.Type, one => accepts(With(node, member.Name, one)) is null).Find();
            }
            return [];
        });

    /// <summary>The same without limits of members, so that a type that holds itself is not asked for them again and
    /// again.</summary>
    private JsonGenerators Plain() => new(_model, _given, findsLimits: false);

    /// <summary>The object with the discriminator that says what it is.</summary>
    private static JsonNode? With(JsonNode? node, string discriminator, VariantDescription variant) =>
        variant.Discriminator switch
        {
            null => node,
            int number => With(node, discriminator, JsonValue.Create(number)),
            var mark => With(node, discriminator, JsonValue.Create($"{mark}")),
        };

    private static JsonNode? With(JsonNode? node, string member, JsonNode? value)
    {
        var changed = node?.DeepClone();
        if (changed is JsonObject tree)
            tree[member] = value?.DeepClone();
        return changed;
    }

    /// <summary>Now and then the first and the last that the type's own rule accepts.</summary>
    private Gen<JsonNode?> WithLimits(Type type, Type inner, Gen<JsonNode?> made)
    {
        var limits = _limits.GetOrAdd(type, one =>
        {
            var accepts = Accepting(one);
            return new ValueLimits(inner, node => accepts(node) is null).Find();
        });
        return limits.Count == 0
            ? made
            : Gen.Frequency((9, made), (1, Gen.Elements(limits.ToArray()).Select(limit => limit?.DeepClone())));
    }

    private static Gen<JsonNode?> OrNull(Func<Gen<JsonNode?>> make, bool allowsNull, int level)
    {
        var none = Gen.Constant<JsonNode?>(null);
        if (!allowsNull)
            return make();
        return level > MaxLevels ? none : Gen.Choose(0, 3).SelectMany(one => one == 0 ? none : make());
    }

    /// <summary>What the type itself accepts: its rule is asked, and asked again with something else.</summary>
    private Gen<JsonNode?> Accepted(Type type, Gen<JsonNode?> made)
    {
        var accepts = Accepting(type);
        var refused = 0;
        return made.Where(node =>
        {
            if (accepts(node) is not { } refusal)
            {
                Volatile.Write(ref refused, 0);
                return true;
            }
            return Interlocked.Increment(ref refused) < MaxRejected
                ? false
                : throw new SpecificationException(
                    $"No {type.Name} could be made, its rule refused all: {refusal.Message} Say how it is made by "
                        + $"With<{type.Name}>(…).",
                    refusal);
        });
    }

    /// <summary>
    /// Asks a type's rule: null when it accepts a value, else why not. A type that is written in no way of its own
    /// accepts all.
    /// </summary>
    private Func<JsonNode?, Exception?> Accepting(Type type) =>
        !_model.Json.TryGetTypeInfo(type, out var json)
            ? static _ => null
            : node =>
            {
                try
                {
                    JsonSerializer.Deserialize(node, json);
                    return null;
                }
                catch (Exception exception)
                    when (exception
                            is JsonException
                                or MillraceException
                                or ArgumentException
                                or FormatException
                                or OverflowException)
                {
                    return exception;
                }
            };
}
