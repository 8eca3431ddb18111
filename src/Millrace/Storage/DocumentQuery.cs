namespace Millrace.Storage;

/// <summary>A page of documents asked for.</summary>
public sealed record DocumentQuery
{
    /// <summary>The collection.</summary>
    public required string Collection { get; init; }

    /// <summary>What all documents must meet.</summary>
    public IReadOnlyList<FieldCondition> Conditions { get; init; } = [];

    /// <summary>The field to sort by; null for the key.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Whether to sort from the greatest to the least. Nulls are least.</summary>
    public bool IsDescending { get; init; }

    /// <summary>Where the page before ended; null for the first page.</summary>
    public DocumentCursor? After { get; init; }

    /// <summary>How many to pass over; for pages by number. A cursor is faster.</summary>
    public int Skip { get; init; }

    /// <summary>The most to return; from 1 to 1,000, 20 by default.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Whether to return what the columns of the documents hold, for a check:
    /// <see cref="Document.Fields"/>.</summary>
    public bool WithFields { get; init; }

    /// <summary>
    /// Whether what comes after the place is two ranges of an index: nulls are least, so that they lie before all
    /// values or behind them.
    /// </summary>
    internal bool HasRest => OrderBy is not null && After is { } after && after.Value.IsNull != IsDescending;
}
