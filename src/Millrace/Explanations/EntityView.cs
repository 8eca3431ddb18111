using Millrace.Storage;

namespace Millrace;

/// <summary>A stream at one position of the log: its state, the documents that its events are in, its dead
/// letters.</summary>
public sealed record EntityView
{
    /// <summary>The stream.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>The position: all events up to it count, and none behind it.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// The position up to which events were looked for; less than <see cref="Position"/> where the time limit came
    /// first, and then what is told is as of there.
    /// </summary>
    public required long SearchedTo { get; init; }

    /// <summary>Whether all events were looked at.</summary>
    public bool IsComplete => SearchedTo >= Position;

    /// <summary>The stream's version then; 0 when it did not exist, or was deleted.</summary>
    public required long Version { get; init; }

    /// <summary>The stream's last event then; null when there was none to read.</summary>
    public RecordedEvent? Last { get; init; }

    /// <summary>The type of the aggregate, or the name of the decider; null when the model has none for such
    /// streams.</summary>
    public string? Aggregate { get; init; }

    /// <summary>Its state then, as JSON; null when there was none.</summary>
    public string? State { get; init; }

    /// <summary>The documents that events of the stream are folded into, as they were then; at most 200.</summary>
    public IReadOnlyList<EntityDocument> Documents { get; init; } = [];

    /// <summary>How many documents there are beyond these.</summary>
    public int MoreDocuments { get; init; }

    /// <summary>
    /// The keys that projections into the application's own tables give events of the stream. What the tables hold is
    /// not told: Millrace does not read them; <see cref="Explanations.Explain"/> tells the statements of a key.
    /// </summary>
    public IReadOnlyList<EntityTable> Tables { get; init; } = [];

    /// <summary>
    /// The dead letters of the stream and of these documents whose events lie before the position, and that were not
    /// decided about then. One that has passed since is not kept, and so not among them. At most a thousand, open ones
    /// and the newest first.
    /// </summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>
    /// What was removed from the stream, before this moment or since: a truncation took out what the view lacks, a
    /// deletion hides what was before it from views of later moments.
    /// </summary>
    public IReadOnlyList<RemovalRecord> Removals { get; init; } = [];

    /// <summary>How many times an event could not be read or folded into the state or a document.</summary>
    public long FailureCount { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<FoldFailure> Failures { get; init; } = [];

    /// <summary>Whether the stream existed.</summary>
    public bool Exists => Version > 0;
}

/// <summary>A document at one position of the log.</summary>
/// <param name="ReadModel">The read model.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its JSON; null when it did not exist.</param>
/// <param name="Position">The last event that was folded into it; 0 for none.</param>
public sealed record EntityDocument(string ReadModel, string Key, string? Value, long Position)
{
    /// <summary>The position up to which its events were looked for; <see cref="Value"/> is as of there.</summary>
    public long SearchedTo { get; init; }
}

/// <summary>A key of a projection into the application's own tables.</summary>
/// <param name="Projection">The name of the <see cref="SqlProjection"/>.</param>
/// <param name="Key">The key.</param>
/// <param name="Events">How many events of the stream it has.</param>
/// <param name="Position">The last of them.</param>
public sealed record EntityTable(string Projection, string Key, long Events, long Position);
