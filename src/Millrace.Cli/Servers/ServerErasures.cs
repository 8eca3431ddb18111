using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Cli.Servers;

/// <summary>Converts erasures in answers of a running application to the form of the tool's own output.</summary>
internal static class ServerErasures
{
    public static JsonElement ListOf(JsonElement erasures) =>
        ElementOf(new JsonArray([.. erasures.EnumerateArray().Select(static erasure => (JsonNode)SummaryOf(erasure))]));

    /// <summary>Returns an erasure with its steps and the places that were read again.</summary>
    public static JsonElement DetailsOf(JsonElement erasure)
    {
        var details = SummaryOf(erasure);
        details["steps"] = Selected(erasure, "steps", "step", "at", "by", "position");
        details["verified"] = Selected(erasure, "verified", "place", "rows", "commonValues", "findings");
        return ElementOf(details);
    }

    public static JsonElement ElementOf(JsonNode node) => JsonElement.Parse(node.ToJsonString());

    private static JsonObject SummaryOf(JsonElement erasure)
    {
        string[] kinds = [.. erasure.GetProperty("kinds").EnumerateArray().Select(static kind => kind.GetString()!)];
        var summary = new JsonObject();
        foreach (var name in (string[])["id", "subject"])
            summary[name] = erasure.GetProperty(name).GetString();
        summary["kinds"] = kinds.Length == 0 ? "all" : string.Join(", ", kinds);
        foreach (var name in (string[])["state", "reason", "by", "refusal"])
        {
            if (erasure.TryGetProperty(name, out var value))
                summary[name] = value.GetString();
        }
        return summary;
    }

    /// <summary>Returns a list of objects with their name under another name, and with other members.</summary>
    private static JsonArray Selected(JsonElement erasure, string list, string name, params string[] members)
    {
        var items = new JsonArray();
        foreach (var item in erasure.GetProperty(list).EnumerateArray())
        {
            var selected = new JsonObject { [name] = item.GetProperty("name").GetString() };
            foreach (var member in members)
            {
                if (item.TryGetProperty(member, out var value))
                    selected[member] = JsonNode.Parse(value.GetRawText());
            }
            items.Add((JsonNode)selected);
        }
        return items;
    }
}
