using Millrace.Storage;

namespace Millrace;

/// <summary>Which documents of a read model are wanted, and in what order.</summary>
public sealed record ReadQuery
{
    /// <summary>What all documents must meet, by members marked <see cref="IndexedAttribute"/>; none by
    /// default.</summary>
    public IReadOnlyList<FieldCondition> Conditions { get; init; } = [];

    /// <summary>
    /// The member to sort by, in camel case and marked <see cref="IndexedAttribute"/>; null for the key. Ties are in
    /// the order of keys.
    /// </summary>
    public string? OrderBy { get; init; }

    /// <summary>Whether to sort from the greatest to the least. Nulls are least.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Where the page before ended: its <see cref="ReadPage{TDocument}.Next"/>; null for the first
    /// page.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many documents to pass over, for pages by number; from 0. A cursor is faster.</summary>
    public int Skip { get; init; }

    /// <summary>The most documents to return; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;
}
