using System.Collections.Immutable;
using System.Text;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Encodes the tags of an event as a PostgreSQL array literal, because <c>unnest</c> cannot expand an array of arrays
/// by rows.
/// </summary>
internal static class TagArray
{
    public static string? Format(ImmutableArray<Tag> tags)
    {
        if (tags.IsDefaultOrEmpty)
            return null;
        var text = new StringBuilder("{");
        foreach (var tag in tags)
        {
            text.Append(text.Length == 1 ? "\"" : ",\"");
            foreach (var character in tag.ToString())
                text.Append(character is '"' or '\\' ? "\\" : "").Append(character);
            text.Append('"');
        }
        return text.Append('}').ToString();
    }
}
