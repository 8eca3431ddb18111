using System.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Json;

/// <summary>
/// Creates the names of generated converters, which are nested in the model. A name is readable and unique for each
/// type.
/// </summary>
/// <param name="model">The model, whose namespace is omitted in the names.</param>
internal sealed class JsonNames(TypeDeclaration model)
{
    private const int MaxLength = 100;
    private const int LengthBeforeHash = 80;

    private static readonly string[] OmittedNamespaces =
    [
        "System.Collections.Generic.",
        "System.Collections.Immutable.",
        "System.",
    ];

    public string Of(JsonType type) => UniqueNameOf(type) + "Json";

    /// <summary>Returns the name of the class that reads and writes a type as CBOR.</summary>
    public string CborOf(JsonType type) => UniqueNameOf(type) + "Cbor";

    /// <summary>Returns a text that identifies a type and makes the name of its converter unique.</summary>
    public static string KeyOf(JsonType type) =>
        type.Form is JsonShapeKind.Custom or JsonShapeKind.Variant
            ? $"{type.Name}|{type.Form}|{type.Detail}"
            : type.Name;

    private string UniqueNameOf(JsonType type)
    {
        var suffix = type.Form switch
        {
            JsonShapeKind.Custom => "By" + ToIdentifier(type.Detail),
            JsonShapeKind.Variant => "As" + ToIdentifier(type.Detail),
            _ => "",
        };
        return Unique(ToIdentifier(type.Name) + suffix, KeyOf(type));
    }

    /// <summary>Returns a part of an identifier that is unique for a type.</summary>
    public string UniqueNameOf(string fullName) => Unique(ToIdentifier(fullName), fullName);

    private string Unique(string name, string key)
    {
        if (name.Length > MaxLength)
            return $"{name.Substring(0, LengthBeforeHash)}_{StableHash.Of(key)}";
        return model.Clashes.Contains(key) ? $"{name}_{StableHash.Of(key)}" : name;
    }

    private string ToIdentifier(string fullName)
    {
        var name = new StringBuilder(fullName).Replace("global::", "\u0001");
        if (model.Namespace is { } namespaceName)
            name.Replace("\u0001" + namespaceName + ".", "\u0001");
        foreach (var prefix in OmittedNamespaces)
            name.Replace("\u0001" + prefix, "\u0001");
        name.Replace("\u0001", "").Replace("@", "");
        name.Replace("<", "Of").Replace(", ", "And").Replace(">", "").Replace("?", "OrNull").Replace("[]", "Array");
        for (var index = 0; index < name.Length; index++)
        {
            if (!char.IsLetterOrDigit(name[index]))
                name[index] = '_';
        }
        if (char.IsLower(name[0]))
            name[0] = char.ToUpperInvariant(name[0]);
        return name.ToString();
    }
}
