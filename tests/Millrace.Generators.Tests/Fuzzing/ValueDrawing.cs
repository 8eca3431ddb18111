using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>
/// Creates random values of types that are known only at run time. Some optional members keep their initial values.
/// </summary>
internal sealed class ValueDrawing(SeededRandom chance)
{
    private const int MaxDepth = 5;
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly PrimitiveDrawing _primitives = new(chance);

    public object Draw(Type type) => Draw(type, NullabilityShape.None, 0)!;

    /// <summary>Returns a random result of a method. The result can be null if the method allows it.</summary>
    public object? DrawResult(MethodInfo method) => Draw(method.ReturnType, NullabilityShape.Of(method), 0);

    private object? Draw(Type type, NullabilityShape nullability, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return chance.Is(30) ? null : Draw(underlying, nullability with { AllowsNull = false }, depth);
        if (!type.IsValueType && nullability.AllowsNull && (depth > MaxDepth || chance.Is(25)))
            return null;
        if (_primitives.Draw(type) is { } value)
            return value;
        if (Collections.IsMap(type))
        {
            var (key, item) = (type.GetGenericArguments()[0], type.GetGenericArguments()[1]);
            var pairs = Several(
                depth, () => (Draw(key, nullability[0], depth + 1)!, Draw(item, nullability[1], depth + 1)));
            return Collections.Map(type, [.. pairs]);
        }
        if (Collections.IsList(type))
        {
            var item = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            return Collections.List(type, [.. Several(depth, () => Draw(item, nullability[0], depth + 1))]);
        }
        return Make(type, nullability, depth + 1);
    }

    private IEnumerable<T> Several<T>(int depth, Func<T> draw)
    {
        for (var remaining = depth >= MaxDepth ? 0 : chance.Next(depth > 2 ? 2 : 4); remaining > 0; remaining--)
            yield return draw();
    }

    private object Make(Type type, NullabilityShape nullability, int depth)
    {
        var listed = type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
            .Select(item => item.DerivedType)
            .ToList();
        if (listed.Count > 0)
        {
            var derived = chance.Pick(type.IsAbstract ? listed : [.. listed, type]);
            if (derived != type)
                return Make(derived, NullabilityShape.None, depth);
        }
        return WrappedBy(type) is { } wrapped ? Wrap(type, wrapped) : MakeObject(type, nullability, depth);
    }

    private object Wrap(Type type, Type wrapped)
    {
        while (true)
        {
            var value = _primitives.Draw(wrapped)!;
            try
            {
                return type.GetMethod("From") is { } from
                    ? from.Invoke(null, [value])!
                    : Activator.CreateInstance(type, value)!;
            }
            catch (TargetInvocationException exception) when (exception.InnerException is InvalidValueException)
            {
                // An id cannot be empty, so another value is drawn.
            }
        }
    }

    private object MakeObject(Type type, NullabilityShape nullability, int depth)
    {
        var constructor = type.GetConstructors(Declared)
            .Where(item => !(item.GetParameters() is [{ ParameterType: var only }] && only == type))
            .OrderByDescending(item => item.IsDefined(typeof(JsonConstructorAttribute)))
            .ThenByDescending(item => !item.IsPrivate)
            .ThenByDescending(item => item.GetParameters().Length)
            .FirstOrDefault();
        var parameters = constructor?.GetParameters() ?? [];
        var arguments = parameters
            .Select(parameter => Draw(parameter.ParameterType, NullabilityShape.Of(parameter, nullability), depth))
            .ToArray();
        var instance = constructor is null
            ? RuntimeHelpers.GetUninitializedObject(type)
            : constructor.Invoke(arguments);
        var setByConstructor = parameters
            .Select(parameter => parameter.Name!)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (
            var level = type;
            level is not null && level != typeof(object) && level != typeof(ValueType);
            level = level.BaseType)
        {
            foreach (var property in level.GetProperties(Declared).Where(IsSettable))
                Set(instance, property, nullability, depth, setByConstructor.Contains(property.Name));
            foreach (
                var field in level.GetFields(Declared).Where(field => field is { IsPublic: true, IsInitOnly: false }))
                field.SetValue(instance, Draw(field.FieldType, NullabilityShape.Of(field), depth));
        }
        return instance;
    }

    private void Set(object instance, PropertyInfo property, NullabilityShape owner, int depth, bool isSetByConstructor)
    {
        var isNeeded = (!isSetByConstructor && property.IsDefined(typeof(RequiredMemberAttribute)))
            || IsUnset(property, instance, owner, isSetByConstructor);
        if (IsIgnored(property) || (!isNeeded && chance.Is(isSetByConstructor ? 80 : 25)))
            return;
        var isExtensionData = property.IsDefined(typeof(JsonExtensionDataAttribute));
        property.SetValue(
            instance,
            isExtensionData
                ? ExtensionData()
                : Draw(property.PropertyType, NullabilityShape.Of(property, owner), depth));
    }

    /// <summary>Returns extension data, which are JSON members that the type does not declare.</summary>
    private Dictionary<string, JsonElement>? ExtensionData() => chance.Is(50)
        ? null
        // JsonElement is a supported type, so the value is not null.
        : new() { [$"more {chance.Next(9)}"] = (JsonElement)_primitives.Draw(typeof(JsonElement))! };

    /// <summary>
    /// Returns whether a property has an invalid initial value, such as null in a non-nullable property.
    /// </summary>
    private static bool IsUnset(PropertyInfo property, object instance, NullabilityShape owner, bool isSetByConstructor)
    {
        if (!property.PropertyType.IsValueType)
            return property.GetValue(instance) is null && !NullabilityShape.Of(property, owner).AllowsNull;
        if (property.PropertyType.IsEnum)
            return !Enum.IsDefined(property.PropertyType, property.GetValue(instance)!);
        return !isSetByConstructor
            && Nullable.GetUnderlyingType(property.PropertyType) is null
            && !property.PropertyType.IsPrimitive
            && property.PropertyType != typeof(decimal);
    }

    private static bool IsIgnored(PropertyInfo property) =>
        property.GetCustomAttribute<JsonIgnoreAttribute>(inherit: false) is { Condition: JsonIgnoreCondition.Always };

    private static bool IsSettable(PropertyInfo property) =>
        property.GetSetMethod(nonPublic: true) is { IsStatic: false } && property.GetMethod is not null
        && property.GetIndexParameters().Length == 0;

    private static Type? WrappedBy(Type type) => type.GetCustomAttributes().Select(item => item.GetType())
        .FirstOrDefault(item => item.Name is "IdAttribute`1" or "ValueAttribute`1")?.GetGenericArguments()[0];
}
