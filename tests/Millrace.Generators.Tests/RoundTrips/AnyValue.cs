using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Creates random values of any type that a model can have, by reflection.</summary>
/// <param name="isHostile">
/// Whether some values cannot be stored. Examples are lone surrogates, NaN, invalid nulls, unnamed enumeration values,
/// undeclared classes and sets with duplicates.
/// </param>
internal sealed class AnyValue(bool isHostile)
{
    private const int MaxLevel = 5;
    private const int MaxItems = 4;
    private const int ManyItems = 120;

    private static readonly NullabilityInfoContext Nullability = new();
    private static readonly object Unset = new();

    // The top-level value is never null.
    public Gen<object> Of(Type type) => Make(type, null, 0).Select(value => value!);

    private Gen<object?> Make(Type type, NullabilityInfo? info, int level)
    {
        var underlying = Nullable.GetUnderlyingType(type);
        if (underlying is not null)
            return OrNull(Make(underlying, null, level), level);
        var generator = MakeNotNull(type, info, level);
        if (!type.IsValueType && info is { ReadState: NullabilityState.Nullable })
            return OrNull(generator, level);
        var unstorable = !isHostile ? null : Unstorable(type, info);
        return unstorable is null ? generator : Gen.Frequency((40, generator), (1, unstorable));
    }

    /// <summary>
    /// Returns a generator of values that a store refuses. Returns null if a store accepts all values of the type.
    /// </summary>
    private static Gen<object?>? Unstorable(Type type, NullabilityInfo? info) =>
        EdgeValues.FindUnstorable(type)
        ?? (type.IsEnum ? Gen.Constant<object?>(Enum.ToObject(type, 99))
        : IsWrapper(type) ? Gen.Constant(Activator.CreateInstance(type))
        : info is not null && !type.IsValueType ? Gen.Constant<object?>(null)
        : null);

    private Gen<object?> MakeNotNull(Type type, NullabilityInfo? info, int level)
    {
        if (EdgeValues.Find(type) is { } known)
            return known.Select(value => (object?)value);
        if (type.IsEnum)
            return OfEnum(type);
        if (IsWrapper(type))
            return OfWrapper(type);
        if (type.GetElementType() is { } element)
            return Items(element, info?.ElementType, level).Select(items => (object?)ArrayOf(element, items));
        if (type.IsGenericType && CollectionTypes.Find(type) is { } collection)
            return OfCollection(type, collection, info, level);
        var listed = type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false);
        if (listed.Select(item => item.DerivedType).ToArray() is { Length: > 0 } derived)
        {
            // The first listed type has no members of the other types.
            return Gen.Elements(level > MaxLevel ? derived[..1] : derived)
                .SelectMany(item => Object(item, null, level + 1));
        }
        return Object(type, info, level + 1);
    }

    private static Gen<object?> OfEnum(Type type)
    {
        var values = Enum.GetValues(type).Cast<object>().ToArray();
        if (type.GetCustomAttribute<FlagsAttribute>() is null)
            return Gen.Elements(values).Select(value => (object?)value);
        return Gen.Elements(values).ListOf()
            .Select(flags => (object?)Enum.ToObject(type, flags.Aggregate(0UL, (all, item) => all | Bits(item))));
    }

    private static ulong Bits(object value) => Enum.GetUnderlyingType(value.GetType()) == typeof(ulong)
        ? Convert.ToUInt64(value, null)
        : unchecked((ulong)Convert.ToInt64(value, null));

    private static bool IsWrapper(Type type) =>
        type.IsValueType && typeof(IKeyText).IsAssignableFrom(type) && type != typeof(StreamId);

    private static Gen<object?> OfWrapper(Type type)
    {
        var from = type.GetMethod("From");
        var make = type.GetConstructors().FirstOrDefault(item => item.GetParameters().Length == 1);
        var inner = type.GetProperty("Value")!.PropertyType;
        return EdgeValues
            .Find(inner)!
            .Select(value => MakeOrNull(() => from?.Invoke(null, [value]) ?? make!.Invoke([value])))
            .Where(value => value is not null);
    }

    private static object? MakeOrNull(Func<object> make)
    {
        try
        {
            return make();
        }
        catch (TargetInvocationException exception) when (exception.InnerException is InvalidValueException)
        {
            return null; // The rule of the type refuses the value.
        }
    }

    private Gen<object?> OfCollection(Type type, CollectionType collection, NullabilityInfo? info, int level)
    {
        var types = type.GetGenericArguments();
        var item = Items(types[^1], info?.GenericTypeArguments.LastOrDefault(), level);
        var variants = Gen.Elements(CollectionType.Variants(isHostile));
        if (types.Length == 1)
            return item.SelectMany(items => variants.Select(variant => (object?)collection.OfItems(items, variant)));
        return from values in item
               from keys in Gen.ArrayOf(Make(types[0], null, level + 1), values.Length)
               from variant in variants
               select (object?)collection.OfPairs(keys!, values, variant); // Keys are never null.
    }

    private Gen<object?[]> Items(Type type, NullabilityInfo? info, int level)
    {
        var counts = Gen.Frequency(
            (2, Gen.Constant(0)), (12, Gen.Choose(1, MaxItems)), (level > 0 ? 0 : 1, Gen.Constant(ManyItems)));
        return level > MaxLevel
            ? Gen.Constant(Array.Empty<object?>())
            : counts.SelectMany(count =>
                count == 0 ? Gen.Constant(Array.Empty<object?>()) : Gen.ArrayOf(Make(type, info, level + 1), count));
    }

    private Gen<object?> Object(Type type, NullabilityInfo? info, int level)
    {
        var constructors = type.GetConstructors();
        var constructor = constructors.FirstOrDefault(item => item.IsDefined(typeof(JsonConstructorAttribute)))
            ?? constructors.OrderByDescending(item => item.GetParameters().Length).FirstOrDefault();
        var parameters = constructor?.GetParameters() ?? [];
        var settable = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(item =>
                item.SetMethod is { } setter
                && (setter.IsPublic || item.IsDefined(typeof(JsonIncludeAttribute)))
                && !Array.Exists(
                    parameters,
                    parameter => string.Equals(parameter.Name, item.Name, StringComparison.OrdinalIgnoreCase)))
            .ToArray();
        var generator = Gen.Constant(ImmutableList<object?>.Empty);
        foreach (var parameter in parameters)
            generator = Append(generator, () => Make(parameter.ParameterType, Of(parameter, type, info), level));
        foreach (var property in settable)
            generator = Append(generator, () => OrUnset(property, Member(property, type, info, level)));
        return generator.Select(values =>
        {
            var result = constructor is null
                ? Activator.CreateInstance(type)
                : constructor.Invoke([.. values.Take(parameters.Length)]);
            for (var i = 0; i < settable.Length; i++)
            {
                if (!ReferenceEquals(values[parameters.Length + i], Unset))
                    settable[i].SetValue(result, values[parameters.Length + i]);
            }
            return result;
        });
    }

    private Gen<object?> Member(PropertyInfo property, Type type, NullabilityInfo? info, int level)
    {
        var generator = Make(property.PropertyType, Of(property, type, info), level);
        if (isHostile || !property.IsDefined(typeof(JsonExtensionDataAttribute)))
            return generator;
        // The name of a declared member cannot be the name of an unknown member.
        var known = type.GetProperties().Select(item => JsonNamingPolicy.CamelCase.ConvertName(item.Name)).ToHashSet();
        return generator.Where(map =>
            map is not IDictionary<string, JsonElement> entries || !known.Overlaps(entries.Keys));
    }

    private static NullabilityInfo? Of(ParameterInfo parameter, Type type, NullabilityInfo? outer)
    {
        var declared = !type.IsGenericType ? null
            : type.GetGenericTypeDefinition().GetConstructors().SelectMany(item => item.GetParameters())
                .First(item => item.Name == parameter.Name).ParameterType;
        return Of(declared, outer, () => Nullability.Create(parameter));
    }

    private static NullabilityInfo? Of(PropertyInfo property, Type type, NullabilityInfo? outer)
    {
        var declared = type.IsGenericType
            ? type.GetGenericTypeDefinition().GetProperty(property.Name)!.PropertyType
            : null;
        return Of(declared, outer, () => Nullability.Create(property));
    }

    /// <summary>Returns the nullability of a member. For a type parameter, the use of the type determines it.</summary>
    private static NullabilityInfo? Of(Type? declared, NullabilityInfo? outer, Func<NullabilityInfo> own) =>
        declared switch
        {
            null => own(),
            { IsGenericParameter: true } => outer?.GenericTypeArguments.ElementAtOrDefault(
                declared.GenericParameterPosition),
            { ContainsGenericParameters: true } => null,
            _ => own(),
        };

    /// <summary>Returns a generator that sometimes does not set a member that is not required.</summary>
    private static Gen<object?> OrUnset(PropertyInfo property, Gen<object?> generator) =>
        property.IsDefined(typeof(System.Runtime.CompilerServices.RequiredMemberAttribute))
            ? generator
            : Gen.Frequency((3, generator), (1, Gen.Constant<object?>(Unset)));

    // The next generator is created only when it is needed, because a type can contain itself.
    private static Gen<ImmutableList<object?>> Append(Gen<ImmutableList<object?>> generator, Func<Gen<object?>> next) =>
        generator.SelectMany(values => next().Select(values.Add));

    private static Gen<object?> OrNull(Gen<object?> generator, int level) =>
        level > MaxLevel
            ? Gen.Constant<object?>(null)
            : Gen.Frequency((1, Gen.Constant<object?>(null)), (3, generator));

    private static Array ArrayOf(Type type, object?[] items)
    {
        var array = Array.CreateInstance(type, items.Length);
        for (var i = 0; i < items.Length; i++)
            array.SetValue(items[i], i);
        return array;
    }
}
