using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Millrace.Testing;

/// <summary>What there is to a type when values of it are compared.</summary>
internal static class ComparedType
{
    private const string Trimming = "A specification runs in a test, which is not trimmed.";
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static bool IsNumber(object value) =>
        value is byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal;

    /// <summary>Whether it comes with .NET: what its fields hold is its own affair.</summary>
    public static bool IsOfSystem(Type type) =>
        type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    public static bool IsPair(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    /// <summary>Whether it keeps threads apart, and holds nothing.</summary>
    public static bool IsLock(Type type) => type.Namespace == "System.Threading" && !type.IsGenericType;

    public static bool IsGenerated(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>
    /// Whether somebody wrote down when two are equal. What the compiler writes for records compares lists by whether
    /// they are one.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Trimming)]
    public static bool HasEqualityOfItsOwn(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string))
            return true;
        if (IsGenerated(type))
            return false; // An anonymous type, or a closure.
        return IsWritten(type.GetMethod(nameof(Equals), [typeof(object)]))
            || IsWritten(type.GetMethod(nameof(Equals), [type]));
    }

    /// <summary>A type of .NET that it is derived from, and that holds something which is no item.</summary>
    public static Type? FindForeignBase(Type type)
    {
        for (var one = type.BaseType; one is not null; one = one.BaseType)
        {
            if (IsOfSystem(one))
                return one == typeof(object) || one == typeof(ValueType) ? null : one;
        }
        return null;
    }

    /// <summary>
    /// The fields of values of it, those that are not shown and those of base types too, with the names that they are
    /// known by; without those of a collection of .NET that it is derived from, which is compared by its items.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Trimming)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    public static IEnumerable<(string Name, FieldInfo Field)> FieldsOf(Type type)
    {
        for (var one = type; one is not null && (one == type || !IsOfSystem(one)); one = one.BaseType)
        {
            foreach (var field in one.GetFields(Own))
            {
                if (!field.FieldType.IsPointer)
                    yield return (NameOf(field), field);
            }
        }
    }

    private static bool IsWritten(MethodInfo? equals) =>
        equals is not null && equals.DeclaringType != typeof(object) && equals.DeclaringType != typeof(ValueType)
        && !equals.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>Of what the compiler keeps for a property, or for a parameter of a type, the name of that.</summary>
    private static string NameOf(FieldInfo field)
    {
        var end = field.Name.IndexOf('>', StringComparison.Ordinal);
        var name = field.Name[0] == '<' && end > 1 ? field.Name[1..end] : field.Name;
        return JsonNamingPolicy.CamelCase.ConvertName(name);
    }
}
