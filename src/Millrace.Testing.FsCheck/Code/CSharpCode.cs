using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Millrace.Testing.Code;

/// <summary>Writes values as C# expressions for generated tests: ids, values, records, lists.</summary>
internal static class CSharpCode
{
    private const int MaxLevels = 16;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>Returns the code, or null if no public API can create the value.</summary>
    public static string? Of(object? value) => Of(value, 0);

    /// <summary>Returns the name of a type without its namespace.</summary>
    public static string NameOf(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]"; // An array has an element type.
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return NameOf(inner) + "?";
        var name = type.Name.Split('`')[0];
        if (type.IsGenericType)
            name += $"<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
        return type is { IsNested: true, DeclaringType: { IsGenericType: false } outer }
            ? $"{NameOf(outer)}.{name}"
            : name;
    }

    private static string? Of(object? value, int level)
    {
        if (level > MaxLevels)
            return null;
        return value switch
        {
            null => "null",
            Enum one => OfEnum(one),
            IDictionary map => OfMap(map, level),
            string or char or bool or IFormattable when CSharpLiteral.Of(value) is { } literal => literal,
            Uri uri => $"new Uri({CSharpLiteral.Text(uri.OriginalString)})",
            IEnumerable items => OfItems(items, level),
            _ => OfObject(value, level),
        };
    }

    private static string OfEnum(Enum value) =>
        Enum.IsDefined(value.GetType(), value)
            ? $"{NameOf(value.GetType())}.{value}"
            // A negative number would parse as a subtraction.
            : $"({NameOf(value.GetType())})({value.ToString("D")})";

    private static string? OfItems(IEnumerable items, int level)
    {
        var parts = items.Cast<object?>().Select(item => Of(item, level + 1)).ToList();
        return parts.Contains(null) ? null : $"[{string.Join(", ", parts)}]";
    }

    private static string? OfMap(IDictionary map, int level)
    {
        if (map.GetType() is not { IsGenericType: true } type || type.GetGenericArguments() is not [var key, var item])
            return null;
        var parts = new List<string>();
        foreach (DictionaryEntry entry in map)
        {
            if (Of(entry.Key, level + 1) is not { } name || Of(entry.Value, level + 1) is not { } value)
                return null;
            parts.Add($"[{name}] = {value}");
        }
        var creation = $"new Dictionary<{NameOf(key)}, {NameOf(item)}>";
        return parts.Count == 0 ? creation + "()" : $"{creation} {{ {string.Join(", ", parts)} }}";
    }

    /// <summary>
    /// Writes a constructor call. Among the constructors whose parameters all correspond to members, it uses the one
    /// with the most. For a type with a <c>Value</c> and a matching <c>From</c> method, writes a call of this method.
    /// </summary>
    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "A specification runs in a test, which is not trimmed.")]
    private static string? OfObject(object value, int level)
    {
        var type = value.GetType();
        if (!type.IsVisible)
            return null;
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(member => member.CanRead && member.GetIndexParameters().Length == 0)
            .GroupBy(member => member.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First(), StringComparer.OrdinalIgnoreCase);
        if (members.TryGetValue("Value", out var content)
            && type.GetMethod("From", BindingFlags.Public | BindingFlags.Static, [content.PropertyType]) is not null)
            return Of(content.GetValue(value), level + 1) is { } inner ? $"{NameOf(type)}.From({inner})" : null;
        var constructor = type.GetConstructors()
            .Where(one => one.GetParameters().All(parameter => Fits(members, parameter)))
            .MaxBy(one => one.GetParameters().Length);
        if (constructor is null && !type.IsValueType)
            return null;
        var parameters = constructor?.GetParameters() ?? [];
        var arguments = parameters
            .Select(parameter => Of(members[parameter.Name!].GetValue(value), level + 1))
            .ToList(); // All parameters match.
        var others = Others(value, members.Values, parameters, level);
        return arguments.Contains(null) || others is null
            ? null
            : $"new {NameOf(type)}({string.Join(", ", arguments)})"
                + (others.Count == 0 ? "" : $" {{ {string.Join(", ", others)} }}");
    }

    private static bool Fits(Dictionary<string, PropertyInfo> members, ParameterInfo parameter) =>
        parameter.Name is { } name && members.TryGetValue(name, out var member)
        && parameter.ParameterType.IsAssignableFrom(member.PropertyType);

    /// <summary>Returns initializers for the settable members that are neither parameters nor null.</summary>
    private static List<string>? Others(
        object value, IEnumerable<PropertyInfo> members, ParameterInfo[] parameters, int level)
    {
        var others = new List<string>();
        foreach (var member in members.Where(member => member.SetMethod is { IsPublic: true }))
        {
            var isGiven = parameters.Any(parameter =>
                string.Equals(parameter.Name, member.Name, StringComparison.OrdinalIgnoreCase));
            if (isGiven || member.GetValue(value) is not { } set)
                continue;
            if (Of(set, level + 1) is not { } code)
                return null;
            others.Add($"{member.Name} = {code}");
        }
        return others;
    }
}
