namespace Millrace.Storage;

/// <summary>Selects a page of documents.</summary>
public sealed record DocumentQuery
{
    /// <summary>Gets the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the conditions that all documents must meet.</summary>
    public IReadOnlyList<FieldCondition> Conditions { get; init; } = [];

    /// <summary>Gets the field to sort by; null for the key.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Gets whether to sort in descending order. Nulls are least.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Gets the end of the previous page; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>Gets the number of documents to skip, for pages by number. A cursor is faster.</summary>
    public int Skip { get; init; }

    /// <summary>Gets the maximum number of documents; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>
    /// Gets whether to return the values of the columns in <see cref="Document.Fields"/>, for a check.
    /// </summary>
    public bool WithFields { get; init; }

    /// <summary>
    /// Gets whether the documents after the cursor are in two ranges of an index: nulls are least, so they are before
    /// all values or after them.
    /// </summary>
    internal bool HasRest => OrderBy is not null && After is { } after && after.Value.IsNull != IsDescending;
}
