using System.Collections.Immutable;
using System.Text;

namespace Millrace.PostgreSql;

/// <summary>The tags of an event as PostgreSQL writes an array of texts, because arrays of arrays cannot be unnested by
/// rows.</summary>
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
            foreach (var letter in tag.ToString())
                text.Append(letter is '"' or '\\' ? "\\" : "").Append(letter);
            text.Append('"');
        }
        return text.Append('}').ToString();
    }
}
