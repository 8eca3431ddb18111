using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A view of a stream at one position of the log. It contains the state, the documents of the stream's events, and the
/// dead letters.
/// </summary>
public sealed record EntityView
{
    /// <summary>Gets the stream.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Gets the name of the shard that contains the stream; null without shards.</summary>
    public string? Shard { get; init; }

    /// <summary>Gets the position. The view contains all events at or before this position.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the position up to which events were searched. It is lower than <see cref="Position"/> if the time limit
    /// expired. In this case, the view describes the lower position.
    /// </summary>
    public required long SearchedTo { get; init; }

    /// <summary>Gets whether all events were searched.</summary>
    public bool IsComplete => SearchedTo >= Position;

    /// <summary>Gets the stream's version at the position, or 0 if the stream did not exist or was deleted.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the stream's last event at the position, or null if the stream had no readable event.</summary>
    public RecordedEvent? Last { get; init; }

    /// <summary>
    /// Gets the type of the aggregate or the name of the decider, or null if the model has none for the stream.
    /// </summary>
    public string? Aggregate { get; init; }

    /// <summary>Gets the state at the position as JSON, or null if the stream had no state.</summary>
    public string? State { get; init; }

    /// <summary>Gets the documents of the stream's events at the position. There are at most 200.</summary>
    public IReadOnlyList<EntityDocument> Documents { get; init; } = [];

    /// <summary>Gets the number of further documents.</summary>
    public int MoreDocuments { get; init; }

    /// <summary>
    /// Gets the keys of the stream's events in projections into the application's own tables. The contents of the
    /// tables are not included, because Millrace does not read them. <see cref="Explanations.Explain"/> returns the
    /// statements of a key.
    /// </summary>
    public IReadOnlyList<EntityTable> Tables { get; init; } = [];

    /// <summary>
    /// Gets the dead letters of the stream and of the documents. Their events are at or before the position, and no
    /// decision about the dead letters existed at that time. Dead letters whose events succeeded later are not
    /// included, because the store no longer contains them. The list has at most a thousand dead letters. Open and
    /// newer dead letters take precedence.
    /// </summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>
    /// Gets all removals of the stream, before and after this moment. The view lacks events that a truncation removed.
    /// A deletion hides earlier events from views of later moments.
    /// </summary>
    public IReadOnlyList<RemovalRecord> Removals { get; init; } = [];

    /// <summary>
    /// Gets the number of times that an event could not be read or folded into the state or a document.
    /// </summary>
    public long FailureCount { get; init; }

    /// <summary>Gets the first failures.</summary>
    public IReadOnlyList<FoldFailure> Failures { get; init; } = [];

    /// <summary>Gets whether the stream existed.</summary>
    public bool Exists => Version > 0;
}

/// <summary>A document at one position of the log.</summary>
/// <param name="ReadModel">The name of the read model.</param>
/// <param name="Key">The key of the document.</param>
/// <param name="Value">The JSON, or null if the document did not exist.</param>
/// <param name="Position">The position of the last event that was folded into the document, or 0 if there was
/// none.</param>
public sealed record EntityDocument(string ReadModel, string Key, string? Value, long Position)
{
    /// <summary>
    /// Gets the position up to which the document's events were searched. <see cref="Value"/> describes this position.
    /// </summary>
    public long SearchedTo { get; init; }
}

/// <summary>A key of a projection into the application's own tables.</summary>
/// <param name="Projection">The name of the <see cref="SqlProjection"/>.</param>
/// <param name="Key">The key.</param>
/// <param name="Events">The number of the stream's events with the key.</param>
/// <param name="Position">The position of the last event with the key.</param>
public sealed record EntityTable(string Projection, string Key, long Events, long Position);
