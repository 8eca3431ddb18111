using System.Text.Json;

namespace Millrace.Orleans.Calls;

/// <summary>Reads members of a call that may be missing.</summary>
internal static class JsonElementExtensions
{
    /// <summary>Returns a member; null if it is missing or null.</summary>
    public static JsonElement? Find(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;

    /// <summary>Returns the text of a member; null if it is missing or null.</summary>
    public static string? Text(this JsonElement parent, string name) => parent.Find(name)?.GetString();

    /// <summary>Returns the text of a member that is always written.</summary>
    public static string Required(this JsonElement parent, string name) =>
        parent.Text(name) ?? throw new JsonException($"The member '{name}' of a call is missing.");
}
