namespace Millrace.Model.Description;

/// <summary>Formats types as in C#, without namespaces.</summary>
internal static class TypeDisplayNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string Of(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying) + "?";
        if (type.IsArray)
            return Of(type.GetElementType()!) + "[]"; // An array has an element type.
        if (!type.IsGenericType)
            return type.Name;
        var name = type.Name.IndexOf('`', StringComparison.Ordinal) is > 0 and var end ? type.Name[..end] : type.Name;
        return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>";
    }
}
