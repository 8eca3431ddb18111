using Millrace.Storage;

namespace Millrace;

/// <summary>The filter and the sort order of a query for documents.</summary>
public sealed record ReadQuery
{
    /// <summary>
    /// Gets the conditions that each document must meet, on members marked <see cref="IndexedAttribute"/>. There are
    /// none by default.
    /// </summary>
    public IReadOnlyList<FieldCondition> Conditions { get; init; } = [];

    /// <summary>
    /// Gets the member to sort by, in camel case, or null to sort by the key. The member must be marked
    /// <see cref="IndexedAttribute"/>. Documents with equal values are sorted by key.
    /// </summary>
    public string? OrderBy { get; init; }

    /// <summary>Gets whether to sort in descending order. Nulls are the lowest values.</summary>
    public bool IsDescending { get; init; }

    /// <summary>
    /// Gets the end of the previous page, which is its <see cref="ReadPage{TDocument}.Next"/>, or null for the first
    /// page.
    /// </summary>
    public string? Cursor { get; init; }

    /// <summary>Gets the number of documents to skip, for pages by number; from 0. A cursor is faster.</summary>
    public int Skip { get; init; }

    /// <summary>Gets the maximum number of documents to return; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;
}
