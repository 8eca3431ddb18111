using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Millrace.Testing.Differences;

/// <summary>Determines how the values of a type are compared.</summary>
internal static class ComparedType
{
    private const string Trimming = "A specification runs in a test, which is not trimmed.";
    private const BindingFlags DeclaredMembers =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static bool IsNumber(object value) =>
        value is byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal;

    /// <summary>Returns true for types of .NET, whose fields are implementation details.</summary>
    public static bool IsSystemType(Type type) =>
        type.Namespace is { } name && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal));

    public static bool IsPair(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    /// <summary>Returns true for synchronization types, which have no content.</summary>
    public static bool IsLock(Type type) => type.Namespace == "System.Threading" && !type.IsGenericType;

    public static bool IsGenerated(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>
    /// Returns true if the type defines its own equality. The compiler-generated equality of records is ignored,
    /// because it compares lists by reference.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Trimming)]
    public static bool DefinesEquality(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string))
            return true;
        if (IsGenerated(type))
            return false; // The type is anonymous or a closure.
        return IsWritten(type.GetMethod(nameof(Equals), [typeof(object)]))
            || IsWritten(type.GetMethod(nameof(Equals), [type]));
    }

    /// <summary>
    /// Returns the .NET base class of a type if that class may have content other than items.
    /// </summary>
    public static Type? FindSystemBase(Type type)
    {
        for (var current = type.BaseType; current is not null; current = current.BaseType)
        {
            if (IsSystemType(current))
                return current == typeof(object) || current == typeof(ValueType) ? null : current;
        }
        return null;
    }

    /// <summary>
    /// Returns the fields of a type with their display names, including private and inherited fields. The fields of a
    /// .NET collection that the type derives from are excluded, because collections are compared by their items.
    /// </summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = Trimming)]
    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = Trimming)]
    public static IEnumerable<(string Name, FieldInfo Field)> FieldsOf(Type type)
    {
        for (var current = type;
            current is not null && (current == type || !IsSystemType(current));
            current = current.BaseType)
        {
            foreach (var field in current.GetFields(DeclaredMembers))
            {
                if (!field.FieldType.IsPointer)
                    yield return (NameOf(field), field);
            }
        }
    }

    private static bool IsWritten(MethodInfo? equals) =>
        equals is not null && equals.DeclaringType != typeof(object) && equals.DeclaringType != typeof(ValueType)
        && !equals.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>Returns the name of the property or parameter that a compiler-generated field belongs to.</summary>
    private static string NameOf(FieldInfo field)
    {
        var end = field.Name.IndexOf('>', StringComparison.Ordinal);
        var name = field.Name[0] == '<' && end > 1 ? field.Name[1..end] : field.Name;
        return JsonNamingPolicy.CamelCase.ConvertName(name);
    }
}
