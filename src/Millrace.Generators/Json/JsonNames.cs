using System.Text;

namespace Millrace.Generators;

/// <summary>Names of generated converters: nested in the model, readable, and different for different types.</summary>
/// <param name="modelNamespace">The model's namespace, which names leave out.</param>
internal sealed class JsonNames(string? modelNamespace)
{
    private static readonly string[] LeftOut = ["System.Collections.Generic.", "System.Collections.Immutable.", "System."];

    public string Of(JsonType type) => Subject(type) + "Json";

    /// <summary>The name of what reads and writes it as CBOR.</summary>
    public string CborOf(JsonType type) => Subject(type) + "Cbor";

    private string Subject(JsonType type) => Simple(type.Name) + type.Form switch
    {
        JsonForm.Custom => "By" + Simple(type.Detail),
        JsonForm.Variant => "As" + Simple(type.Detail),
        _ => "",
    };

    /// <summary>A type's name as part of an identifier.</summary>
    public string Simple(string fullName)
    {
        var name = new StringBuilder(fullName).Replace("global::", "\u0001");
        if (modelNamespace is not null)
            name.Replace("\u0001" + modelNamespace + ".", "\u0001");
        foreach (var prefix in LeftOut)
            name.Replace("\u0001" + prefix, "\u0001");
        name.Replace("\u0001", "").Replace("<", "Of").Replace(", ", "And").Replace(">", "").Replace("?", "OrNull").Replace("[]", "Array");
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
