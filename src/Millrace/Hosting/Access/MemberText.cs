using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Hosting.Access;

/// <summary>Returns members of JSON objects as text, to compare them with claims.</summary>
internal static class MemberText
{
    public static string? Of(JsonElement json, string member) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(member, out var value) ? Of(value) : null;

    public static string? Of(JsonObject json, string member) =>
        json[member] is JsonValue value && value.TryGetValue<JsonElement>(out var element) ? Of(element) : null;

    private static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
