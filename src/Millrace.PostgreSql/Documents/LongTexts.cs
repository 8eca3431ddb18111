using System.Globalization;
using System.Text;
using Millrace.PostgreSql.Schema;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Supports text fields of any length, although an index of PostgreSQL cannot hold long texts. One index contains short
/// texts whole and in order; another contains prefixes of long texts. A query covers both parts, so that its results do
/// not depend on the length.
/// </summary>
internal static class LongTexts
{
    /// <summary>
    /// The maximum size of a text in the index of short texts. An index row holds about 2700 bytes: one text of this
    /// size, the longest key and little more.
    /// </summary>
    private const int MaxIndexedBytes = 1_024;

    /// <summary>The length of the indexed prefix, in characters of at most four bytes.</summary>
    private const int BeginningCharacters = 256;

    /// <summary>
    /// Gets the sizes in bytes up to which an index of several fields can hold a text, ascending. The last one is that
    /// of <see cref="TextPart.Short"/>.
    /// </summary>
    public static IReadOnlyList<int> IndexedSizes { get; } = [36, 64, 256, MaxIndexedBytes]; // A GUID has 36 bytes.

    /// <summary>Returns true if the index of short texts contains the text.</summary>
    public static bool IsShort(string text) => Encoding.UTF8.GetByteCount(text) <= MaxIndexedBytes;

    /// <summary>Returns the smallest of <see cref="IndexedSizes"/> for a short text.</summary>
    public static int SizeOf(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        return IndexedSizes.First(size => bytes <= size);
    }

    /// <summary>
    /// Returns the condition that a text has at most a size, or is null. PostgreSQL concludes from the condition that
    /// the text also has at most a larger size, and can use the indexes of both.
    /// </summary>
    public static string AtMost(int bytes, int field) =>
        string.Create(CultureInfo.InvariantCulture, $"coalesce(octet_length(f{field}), 0) <= {bytes}");

    /// <summary>
    /// Returns the condition that a text belongs to a part. The index definitions use the same SQL, so that PostgreSQL
    /// can use the index.
    /// </summary>
    public static string Condition(TextPart part, int field) => part == TextPart.Long
        ? string.Create(CultureInfo.InvariantCulture, $"octet_length(f{field}) > {MaxIndexedBytes}")
        : AtMost(MaxIndexedBytes, field);

    /// <summary>Returns the expression that the index of long texts contains.</summary>
    public static string Beginning(int field) => Beginning(string.Create(CultureInfo.InvariantCulture, $"f{field}"));

    /// <inheritdoc cref="Beginning(int)"/>
    public static string Beginning(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"left({text}, {BeginningCharacters})");

    /// <summary>Returns the name of the single index of an earlier version.</summary>
    public static string OldIndex(string table, int field) =>
        string.Create(CultureInfo.InvariantCulture, $"{table}_f{field}");

    /// <summary>Returns the definition of the index for each part.</summary>
    public static IReadOnlyList<LogIndex> Indexes(string table, int field) =>
    [
        new($"{table}_f{field}_short", $"(f{field} NULLS FIRST, key) WHERE {Condition(TextPart.Short, field)}"),
        new($"{table}_f{field}_long", $"({Beginning(field)}) WHERE {Condition(TextPart.Long, field)}"),
    ];
}
