using System.Collections.Frozen;
using System.Text.Json;

namespace Millrace.Sql;

/// <summary>
/// Finds statements that need neither payloads nor metadata of events, so that these are not read. For an archived
/// event, its segment is then not read either.
/// </summary>
internal static class ContentColumns
{
    // All other names, such as those of members and tables, can mean contents.
    private static readonly FrozenSet<string> Brief = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "position", "stream", "category", "version", "type", "schema_version", "time", "id", "source", "correlation_id",
        "causation_id", "tags", "content_type");

    private static readonly FrozenSet<string> Contents = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "data", "data_text", "metadata", "user_id");

    /// <summary>Returns whether a statement certainly needs no contents of events.</summary>
    /// <param name="element">The tree of the statement, or a part of it.</param>
    public static bool AreUnused(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().All(AreUnused),
        JsonValueKind.Object => IsBrief(element) && element.EnumerateObject().All(static one => AreUnused(one.Value)),
        _ => true,
    };

    private static bool IsBrief(JsonElement element) =>
        element.Text("class") switch
        {
            "STAR" or "POSITIONAL_REFERENCE" => false,
            "COLUMN_REF" => IsBriefColumn(element.Texts("column_names")),
            _ => true,
        }
        && element.Text("type") switch
        {
            "SHOW_REF" or "PIVOT" => false,
            "JOIN" => element.Text("ref_type") != "NATURAL" && element.Texts("using_columns").All(Brief.Contains),
            _ => true,
        }
        // A table with the name of a column, or with other names of its columns.
        && (element.Text("alias") is not { } alias || element.Text("type") != "BASE_TABLE" || !Brief.Contains(alias))
        && !element.Items("column_name_alias").Any();

    private static bool IsBriefColumn(string[] names) =>
        names.Length > 0 && Brief.Contains(names[^1]) && !names.Any(Contents.Contains);
}
