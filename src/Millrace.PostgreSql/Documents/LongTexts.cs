using System.Globalization;
using System.Text;

namespace Millrace.PostgreSql;

/// <summary>
/// Fields of text of any length, which an index of PostgreSQL cannot hold: short ones are in one index, whole and in
/// their order, and of long ones the beginnings are in another one. A query asks for both parts, so that what it finds
/// does not depend on the length.
/// </summary>
internal static class LongTexts
{
    /// <summary>A row of an index has room for some 2700 bytes: one such text with the longest key, and little
    /// more.</summary>
    private const int MaxIndexedBytes = 1_024;

    /// <summary>Of four bytes at the most.</summary>
    private const int BeginningCharacters = 256;

    /// <summary>Whether an index holds a text whole.</summary>
    public static bool IsShort(string text) => Encoding.UTF8.GetByteCount(text) <= MaxIndexedBytes;

    /// <summary>The condition that a text belongs to a part. The indexes have the same, word by word.</summary>
    public static string Are(TextPart part, int field) => part == TextPart.Long
        ? string.Create(CultureInfo.InvariantCulture, $"octet_length(f{field}) > {MaxIndexedBytes}")
        : string.Create(CultureInfo.InvariantCulture, $"coalesce(octet_length(f{field}), 0) <= {MaxIndexedBytes}");

    /// <summary>What the index of long texts holds of one.</summary>
    public static string Beginning(int field) => Beginning(string.Create(CultureInfo.InvariantCulture, $"f{field}"));

    /// <inheritdoc cref="Beginning(int)"/>
    public static string Beginning(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"left({text}, {BeginningCharacters})");

    /// <summary>The name of the one index of an earlier version.</summary>
    public static string OldIndex(string table, int field) =>
        string.Create(CultureInfo.InvariantCulture, $"{table}_f{field}");

    /// <summary>The index of each part.</summary>
    public static IReadOnlyList<LogIndex> Indexes(string table, int field) =>
    [
        new($"{table}_f{field}_short", $"(f{field} NULLS FIRST, key) WHERE {Are(TextPart.Short, field)}"),
        new($"{table}_f{field}_long", $"({Beginning(field)}) WHERE {Are(TextPart.Long, field)}"),
    ];
}
