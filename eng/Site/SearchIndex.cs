using System.Text.Encodings.Web;
using System.Text.Json;

namespace Site;

/// <summary>
/// Writes the texts of all pages as a script, because a page that was opened as a file can load scripts but no other
/// files.
/// </summary>
internal static class SearchIndex
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(IEnumerable<SearchEntry> entries)
    {
        var rows = entries.Select(entry =>
            JsonSerializer.Serialize((string[])[entry.Url, entry.Page, entry.Heading, entry.Text], Options));
        return "window.searchIndex = [\n" + string.Join(",\n", rows) + "\n];\n";
    }
}
