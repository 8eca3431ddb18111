using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>The tags of an event in one column: their texts separated by NUL, which no tag contains.</summary>
internal static class StoredTags
{
    private const char Separator = '\0';

    public static string? Join(IReadOnlyList<Tag> tags)
    {
        if (tags.Count == 0)
            return null;
        return tags.Count == 1 ? tags[0].ToString() : string.Join(Separator, tags);
    }

    public static IReadOnlyList<Tag> Split(Connection connection, ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
            return [];
        try
        {
            return Array.ConvertAll(Utf8Text.Decode(stored).Split(Separator), Tag.Parse);
        }
        catch (InvalidNameException)
        {
            throw connection.Damaged("invalid tags");
        }
    }
}
