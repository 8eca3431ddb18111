using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.AspNetCore.Binding;

/// <summary>
/// Parses a text as a value of an enumeration. The text can be the name in JSON, the name in C# in any case, or the
/// number. For an enumeration with flags, it can also be several names separated by commas.
/// </summary>
internal sealed class EnumTextParser(JsonTypeInfo type, IReadOnlyList<string> names, bool isFlags)
{
    /// <summary>Gets a description of the accepted texts, for error messages.</summary>
    public string Expected { get; } =
        names.Count > 0
            ? "one of " + string.Join(", ", names)
            : "one of "
                + string.Join(", ", Enum.GetNames(type.Type))
                + (isFlags ? ", or several of them separated by commas" : "");

    /// <summary>Returns the value as JSON, or null if the text is not a value.</summary>
    public JsonNode? Read(string given)
    {
        var text = given.Trim();
        if (names.Contains(text, StringComparer.Ordinal))
            return JsonValue.Create(text);
        if (!Enum.IsDefined(type.Type, text) && names.FirstOrDefault(name => IsSame(name, text)) is { } name)
            return JsonValue.Create(name);
        if (!isFlags && text.Contains(',', StringComparison.Ordinal))
            return null; // Enum.TryParse would combine the numbers of these names, which may be another value.
        var isRead = Enum.TryParse(type.Type, text, ignoreCase: false, out var value)
            || Enum.TryParse(type.Type, text, ignoreCase: true, out value);
        return isRead && (isFlags || Enum.IsDefined(type.Type, value!))
            ? JsonSerializer.SerializeToNode(value, type)
            : null;
    }

    private static bool IsSame(string name, string text) =>
        string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
}
