using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Serialization;

namespace Millrace.Testing.Generation;

/// <summary>Generates JSON for the types of a model from the descriptions of their converters. Immutable.</summary>
internal sealed class JsonGenerators
{
    private const int MaxItems = 4;
    private const int LargeCollectionSize = 40;
    private const int MaxLevels = 6;
    private const int MaxRejected = 2_000;
    private const int Samples = 200;
    private const int SampleSize = 50;

    // The seed is constant, because limits must not depend on earlier values. A seed of a test then always gives the
    // same history.
    private static readonly Rnd Seed = new(1);

    private readonly ModelCatalog _model;
    private readonly bool _findsLimits;
    private readonly ImmutableDictionary<Type, Gen<JsonNode?>> _custom;
    private readonly ConcurrentDictionary<Type, IReadOnlyList<JsonNode?>> _limits = [];
    private readonly ConcurrentDictionary<(Type Type, string Member), IReadOnlyList<JsonNode?>> _memberLimits = [];

    public JsonGenerators(ModelCatalog model)
        : this(model, ImmutableDictionary<Type, Gen<JsonNode?>>.Empty, findsLimits: true)
    {
    }

    private JsonGenerators(ModelCatalog model, ImmutableDictionary<Type, Gen<JsonNode?>> custom, bool findsLimits) =>
        (_model, _custom, _findsLimits) = (model, custom, findsLimits);

    public JsonGenerators With(Type type, Gen<JsonNode?> generator) =>
        new(_model, _custom.SetItem(type, generator), _findsLimits);

    public Gen<JsonNode?> Of(Type type) => Of(type, 0);

    /// <summary>
    /// Returns simpler values than a generated value, simplest first. The rule of the type accepts each of them.
    /// </summary>
    public IEnumerable<JsonNode?> Simpler(Type type, JsonNode? node)
    {
        var refusalOf = RuleOf(type);
        return new JsonShrinker(_model, _custom.ContainsKey)
            .Of(type, node, allowsNull: false)
            .Where(one => refusalOf(one) is null);
    }

    private Gen<JsonNode?> Of(Type type, int level)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (_custom.TryGetValue(type, out var custom))
            return custom;
        if (PrimitiveGenerators.Find(type) is { } primitive)
            return primitive;
        var description = _model.Describe(type) ?? throw new SpecificationException(
            $"The model does not describe {type.Name}: provide a generator with With<{type.Name}>(…).");
        return FilterAccepted(type, Of(type, description, level));
    }

    private Gen<JsonNode?> Of(Type type, TypeDescription description, int level) =>
        description.Form switch
        {
            TypeForm.Value when description.Inner is { } inner => WithLimits(type, inner, Of(inner, level)),
            TypeForm.Enumeration => Gen.Elements(description.Names.ToArray())
                .Select(name => (JsonNode?)JsonValue.Create(name)),
            TypeForm.Object => AtLimits(type, description, Members([.. WritableMembers(description)], level + 1)),
            TypeForm.Polymorphic => Gen.Elements(description.Variants.ToArray())
                .SelectMany(variant =>
                    Members([.. WritableMembers(variant.Description)], level + 1)
                        .Select(generated => With(generated, description.Discriminator!, variant))),
            TypeForm.List when description.Inner is { } item => Items(item, description.AllowsNullInside, level + 1),
            TypeForm.Map when description.Inner is { } value => Entries(
                type, value, description.AllowsNullInside, level + 1),
            _ => throw new SpecificationException(
                $"{type.Name} may be any JSON: provide a generator with With<{type.Name}>(…)."),
        };

    private Gen<JsonNode?> Members(MemberDescription[] members, int level)
    {
        // Members are generated lazily, because a type may contain itself.
        var generated = Gen.Fresh(() => new JsonObject());
        foreach (var member in members)
        {
            generated = generated.SelectMany(
                generated => OrNull(() => Of(member.Type, level), member.AllowsNull, level),
                (tree, value) =>
                {
                    if (value is not null)
                        tree[member.Name] = value.Parent is null ? value : value.DeepClone();
                    return tree;
                }
            );
        }
        return generated.Select(tree => (JsonNode?)tree);
    }

    private Gen<JsonNode?> Items(Type item, bool allowsNull, int level) => Count(level)
        .SelectMany(count => Gen.ArrayOf(OrNull(() => Of(item, level), allowsNull && count > 0, level), count))
        .Select(items => (JsonNode?)new JsonArray([.. items.Select(one => one?.DeepClone())]));

    private Gen<JsonNode?> Entries(Type map, Type value, bool allowsNull, int level)
    {
        // The key type is the first type argument of all map types.
        var keys = Of(map.GetGenericArguments()[0], level).Select(key => key!.ToString());
        return from count in Count(level)
               from names in Gen.ArrayOf(keys, count)
               let uniqueNames = names.Distinct(StringComparer.Ordinal).ToArray()
               from values in Gen.ArrayOf(
                   OrNull(() => Of(value, level), allowsNull && count > 0, level), uniqueNames.Length)
               select (JsonNode?)
                   new JsonObject(uniqueNames.Zip(values, (name, one) => KeyValuePair.Create(name, one?.DeepClone())));
    }

    private static Gen<int> Count(int level) => level > MaxLevels
        ? Gen.Constant(0)
        : Gen.Frequency((20, Gen.Choose(0, MaxItems)), (level > 2 ? 0 : 1, Gen.Choose(MaxItems, LargeCollectionSize)));

    private static IEnumerable<MemberDescription> WritableMembers(TypeDescription description) =>
        description.Members.Where(member => !member.IsReadOnly);

    /// <summary>
    /// Sometimes generates an object with one member at a limit of the object's rule, such as an amount of 0.01.
    /// </summary>
    private Gen<JsonNode?> AtLimits(Type type, TypeDescription description, Gen<JsonNode?> generated)
    {
        var limitedMembers = WritableMembers(description).Where(member => ValueLimits.MayFind(member.Type)).ToArray();
        if (limitedMembers.Length == 0 || !_findsLimits)
            return generated;
        return from node in generated
               from member in Gen.Elements(limitedMembers)
               let limits = LimitsOf(type, description, member)
               from limit in limits.Count == 0
                   ? Gen.Constant<JsonNode?>(null)
                   : Gen.Frequency((9, Gen.Constant<JsonNode?>(null)), (1, Gen.Elements(limits.ToArray())))
               select limit is null ? node : With(node, member.Name, limit);
    }

    /// <summary>
    /// Returns the limits of a member in the first sample that the rule accepts; none if it accepts no sample.
    /// </summary>
    private IReadOnlyList<JsonNode?> LimitsOf(Type type, TypeDescription description, MemberDescription member) =>
        _memberLimits.GetOrAdd((type, member.Name), _ =>
        {
            var refusalOf = RuleOf(type);
            var plain = WithoutLimits().Members([.. WritableMembers(description)], 1);
            foreach (var node in plain.Sample(size: SampleSize, seed: Seed, numberOfSamples: Samples))
            {
                if (refusalOf(node) is null)
                    return new ValueLimits(member.Type, one => refusalOf(With(node, member.Name, one)) is null).Find();
            }
            return [];
        });

    /// <summary>
    /// Returns the generators without limits of members, so that recursive types do not recompute them.
    /// </summary>
    private JsonGenerators WithoutLimits() => new(_model, _custom, findsLimits: false);

    /// <summary>Returns the object with the discriminator of its type.</summary>
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

    /// <summary>Sometimes generates the first or last value that the type's own rule accepts.</summary>
    private Gen<JsonNode?> WithLimits(Type type, Type inner, Gen<JsonNode?> generated)
    {
        var limits = _limits.GetOrAdd(type, one =>
        {
            var refusalOf = RuleOf(one);
            return new ValueLimits(inner, node => refusalOf(node) is null).Find();
        });
        return limits.Count == 0
            ? generated
            : Gen.Frequency((9, generated), (1, Gen.Elements(limits.ToArray()).Select(limit => limit?.DeepClone())));
    }

    private static Gen<JsonNode?> OrNull(Func<Gen<JsonNode?>> make, bool allowsNull, int level)
    {
        var none = Gen.Constant<JsonNode?>(null);
        if (!allowsNull)
            return make();
        return level > MaxLevels ? none : Gen.Choose(0, 3).SelectMany(one => one == 0 ? none : make());
    }

    /// <summary>Keeps values that the type's rule accepts, and generates another value after a refusal.</summary>
    private Gen<JsonNode?> FilterAccepted(Type type, Gen<JsonNode?> generated)
    {
        var refusalOf = RuleOf(type);
        var refused = 0;
        return generated.Where(node =>
        {
            if (refusalOf(node) is not { } refusal)
            {
                Volatile.Write(ref refused, 0);
                return true;
            }
            return Interlocked.Increment(ref refused) < MaxRejected
                ? false
                : throw new SpecificationException(
                    $"The rule of {type.Name} refused all generated values: {refusal.Message} Provide a generator with "
                        + $"With<{type.Name}>(…).",
                    refusal);
        });
    }

    /// <summary>
    /// Returns a type's rule. The rule returns null for a value that it accepts, and otherwise the reason. A type that
    /// the model does not serialize accepts all values.
    /// </summary>
    private Func<JsonNode?, Exception?> RuleOf(Type type) =>
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
