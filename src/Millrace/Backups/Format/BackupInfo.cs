
namespace Millrace.Backups.Format;

/// <summary>The first part of each object, as JSON: what the object contains.</summary>
internal sealed record BackupInfo
{
    /// <summary>Gets the kind of content: <c>log</c>, <c>rows</c>, <c>tables</c> or
    /// <c>removed</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the name of the object.</summary>
    public string Name { get; init; } = "";

    /// <summary>Gets the id of the store.</summary>
    public required Guid Store { get; init; }

    /// <summary>Gets the epoch of the log.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets the position of the first event; for a table copy, and an object without events, the position
    /// after which it was written, plus 1.</summary>
    public long First { get; init; }

    /// <summary>Gets the position of the last event; for a table copy the position that its rows reflect.</summary>
    public long Last { get; init; }

    /// <summary>Gets the number of events or rows.</summary>
    public long Count { get; init; }

    /// <summary>Gets the number of changes outside the log.</summary>
    public long Changes { get; init; }

    /// <summary>
    /// Gets whether changes between the object before and this one are missing, so that the log can only be restored
    /// with a table copy that was written after them.
    /// </summary>
    public bool FollowsGap { get; init; }

    /// <summary>Gets whether positions of changes are those of single requests, and not of transactions.</summary>
    public bool RecordsRequests { get; init; }

    /// <summary>Gets the table of the rows.</summary>
    public string? Table { get; init; }

    /// <summary>Gets the fields of the collection whose documents are the rows; null for other tables.</summary>
    public IReadOnlyList<BackupField>? Fields { get; init; }

    /// <summary>Gets the version of the text format of the keys of a collection.</summary>
    public int KeyCoding { get; init; }

    /// <summary>Gets the identity and the counters of the store, in a table copy.</summary>
    public BackupHeader? Header { get; init; }

    /// <summary>Gets the objects with the rows, in a table copy; the joined parts, in a segment.</summary>
    public IReadOnlyList<string>? Objects { get; init; }
}

/// <summary>A field of a collection.</summary>
internal sealed record BackupField(string Name, string Kind);

/// <summary>The identity and the counters of a store.</summary>
internal sealed record BackupHeader(
    long CreatedAt, string CreatedBy, long DocumentVersion, long LastDeadLetter);
