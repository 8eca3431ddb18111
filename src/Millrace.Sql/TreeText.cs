using System.Text.Json;

namespace Millrace.Sql;

/// <summary>Reads members of the engine's tree of a statement.</summary>
internal static class TreeText
{
    /// <summary>Returns a text member; null if the element is no object, or has no such text.</summary>
    public static string? Text(this JsonElement element, string member) =>
        element.Member(member) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Returns a member; null if the element is no object, or has no such member.</summary>
    public static JsonElement? Member(this JsonElement element, string member) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(member, out var value) ? value : null;

    /// <summary>Returns the items of an array member; none if there is no such array.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string member) =>
        element.Member(member) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>Returns the texts of an array member; none if there is no such array.</summary>
    public static string[] Texts(this JsonElement element, string member) =>
        [.. element.Items(member).Select(static item => item.GetString() ?? "")];

    /// <summary>Returns the names that a part of a statement defines with WITH, with their queries.</summary>
    public static IEnumerable<(string Name, JsonElement Definition)> Definitions(this JsonElement node) =>
        (node.Member("cte_map") is { } map ? map.Items("map") : [])
            .Select(static entry => (entry.Text("key") ?? "", entry.Member("value") ?? default));

    /// <summary>Returns whether an element is a query, such as SELECT or UNION.</summary>
    public static bool IsQuery(this JsonElement element) =>
        element.Text("type")?.EndsWith("_NODE", StringComparison.Ordinal) == true;

    /// <summary>Returns whether the query of a definition refers to itself.</summary>
    public static bool IsRecursive(this JsonElement definition) =>
        definition.Member("query")?.Member("node")?.Text("type") == "RECURSIVE_CTE_NODE";

    /// <summary>Returns the text of a constant; null if the element is no constant text.</summary>
    public static string? ConstantText(this JsonElement element) =>
        element.Text("class") == "CONSTANT"
        && element.Member("value") is { } value
        && value.Member("type")?.Text("id") == "VARCHAR"
            ? value.Text("value")
            : null;
}
