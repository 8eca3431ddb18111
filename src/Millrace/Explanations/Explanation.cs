using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Why a value is what it is: the events that changed it, found by replaying that key alone with the application's own code.
/// </summary>
public sealed record Explanation
{
    /// <summary>Whose value it is.</summary>
    public required ExplainedKind Kind { get; init; }

    /// <summary>The name of the read model or of the decider, or the type of the aggregate.</summary>
    public required string Name { get; init; }

    /// <summary>The document's key, or the stream's.</summary>
    public required string Key { get; init; }

    /// <summary>The stream of the aggregate or decider; null for a document.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>The member, <c>lines[2].price</c>; null for the whole document or state.</summary>
    public string? Member { get; init; }

    /// <summary>The value by replay, as JSON; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the document, or the stream, exists.</summary>
    public required bool Exists { get; init; }

    /// <summary>The position of the log up to which was replayed.</summary>
    public required long Position { get; init; }

    /// <summary>How many events were folded into the document or state.</summary>
    public required long Events { get; init; }

    /// <summary>How many of them changed the value.</summary>
    public required long ChangeCount { get; init; }

    /// <summary>The last of these changes, newest first: the first one is the answer.</summary>
    public required IReadOnlyList<ValueChange> Changes { get; init; }

    /// <summary>The value as it is stored, and whether it is the same.</summary>
    public required StoredValue Stored { get; init; }

    /// <summary>The events, nearest first, that led to the command of the last change, as far as causation ids tell.</summary>
    public IReadOnlyList<RecordedEvent> Causes { get; init; } = [];

    /// <summary>
    /// Removals of what this replay may lack. Of an aggregate, and of a document of one stream: all that its stream ever saw, deletions
    /// that only hide as well. Of other documents: what was taken out of the log of the streams that were read, and where another value was
    /// found than is stored, or none, of all streams. The last hundred.
    /// </summary>
    public IReadOnlyList<RemovalRecord> Removals { get; init; } = [];

    /// <summary>
    /// The dead letters for this key, and those whose key nobody knows: events that the value lacks, or reflects as corrected. At most a
    /// hundred of <see cref="LetterCount"/>: open ones first, of these the newest; told in the order of their events.
    /// </summary>
    public IReadOnlyList<DeadLetter> Letters { get; init; } = [];

    /// <summary>How many dead letters there are.</summary>
    public int LetterCount { get; init; }

    /// <summary>How many events could not be read or folded, and may be missing from the value.</summary>
    public long FailureCount { get; init; }

    /// <summary>The first ten of them.</summary>
    public IReadOnlyList<FoldFailure> Failures { get; init; } = [];

    /// <summary>The last change; null when nothing ever gave the value.</summary>
    public ValueChange? Answer => Changes.Count > 0 ? Changes[0] : null;
}

/// <summary>Whose value is explained.</summary>
public enum ExplainedKind
{
    /// <summary>A document of a read model.</summary>
    Document,

    /// <summary>The state of an aggregate.</summary>
    Aggregate,

    /// <summary>The state of a decider.</summary>
    Decider,
}
