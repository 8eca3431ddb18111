namespace Millrace.AspNetCore.OpenApi;

/// <summary>
/// The name of a type, prefixed with parts of its namespace and of its declaring types, the innermost first.
/// </summary>
internal sealed class QualifiedName(Type type, string shortName)
{
    private int _parts;

    public Type Type { get; } = type;

    public string Text { get; private set; } = shortName;

    /// <summary>Adds one part to the name. Returns false if no parts remain.</summary>
    public bool Extend()
    {
        if (_parts >= MaxParts(Type))
            return false;
        Text = TextOf(Type, ++_parts);
        return true;
    }

    private static string TextOf(Type type, int parts)
    {
        if (type.IsArray)
            return "ArrayOf" + TextOf(type.GetElementType()!, parts); // An array has an element type.
        var scopes = Scopes(type);
        var name = string.Concat(scopes.Skip(scopes.Count - Math.Min(parts, scopes.Count))) + Plain(type);
        return type.IsGenericType
            ? $"{name}Of{string.Join("And", type.GetGenericArguments().Select(inner => TextOf(inner, parts)))}"
            : name;
    }

    private static int MaxParts(Type type) => type.IsArray
        ? MaxParts(type.GetElementType()!) // An array has an element type.
        : type.GetGenericArguments().Select(MaxParts).Append(Scopes(type).Count).Max();

    private static List<string> Scopes(Type type)
    {
        var scopes = (type.Namespace ?? "").Split('.', StringSplitOptions.RemoveEmptyEntries).ToList();
        var at = scopes.Count;
        for (var outer = type.DeclaringType; outer is not null; outer = outer.DeclaringType)
            scopes.Insert(at, Plain(outer));
        return scopes;
    }

    private static string Plain(Type type) => type.Name.Split('`')[0];
}
