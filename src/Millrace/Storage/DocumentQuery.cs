namespace Millrace.Storage;

/// <summary>A query for a page of documents.</summary>
public sealed record DocumentQuery
{
    /// <summary>Gets the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the conditions that each document must satisfy.</summary>
    public IReadOnlyList<FieldCondition> Conditions { get; init; } = [];

    /// <summary>Gets the field to sort by; null to sort by key.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Gets whether to sort in descending order. Null is less than every value.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Gets the end of the previous page; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>
    /// Gets the number of documents to skip, for example to show a page by its number. A query with <see cref="After"/>
    /// is faster.
    /// </summary>
    public int Skip { get; init; }

    /// <summary>Gets the maximum number of documents; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>
    /// Gets whether <see cref="Document.Fields"/> of the results contains the values of the columns. Only the
    /// verification of a collection needs these values.
    /// </summary>
    public bool WithFields { get; init; }

    /// <summary>
    /// Gets whether the documents after the cursor are in two ranges of an index. In an index, documents without a
    /// value are either before or after all documents with a value. The result is true if the cursor is in the first of
    /// these two groups.
    /// </summary>
    public bool HasSecondRange => OrderBy is not null && After is { } after && after.Value.IsNull != IsDescending;
}
