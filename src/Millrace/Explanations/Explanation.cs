using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Why a value is what it is: the events that changed it, found by replaying that key alone with the application's own
/// code.
/// </summary>
public sealed record Explanation
{
    /// <summary>Whose value it is.</summary>
    public required ExplainedKind Kind { get; init; }

    /// <summary>The name of the read model, of the projection into tables, or of the decider, or the type of the
    /// aggregate.</summary>
    public required string Name { get; init; }

    /// <summary>The document's key, or the stream's.</summary>
    public required string Key { get; init; }

    /// <summary>The stream of the aggregate or decider; null for a document.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>The member, <c>lines[2].price</c>; null for the whole document or state.</summary>
    public string? Member { get; init; }

    /// <summary>The value by replay, as JSON; null when there is none, and of tables, which Millrace does not
    /// read.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the document, or the stream, exists; of tables, whether the key has any event.</summary>
    public required bool Exists { get; init; }

    /// <summary>The position of the log up to which was replayed: all that is told is as of there.</summary>
    public required long Position { get; init; }

    /// <summary>The position up to which was to be replayed: the end of the log, or that of the moment that was asked
    /// for.</summary>
    public required long Until { get; init; }

    /// <summary>
    /// The position from which on events were looked at: 1, or where an earlier search had stopped, which has told the
    /// changes before. What is counted, and the last change, are of all events all the same.
    /// </summary>
    public long SearchedFrom { get; init; } = 1;

    /// <summary>
    /// Whether all events were looked at. False where the time limit came first: then <see cref="Position"/> says how
    /// far the search came.
    /// </summary>
    public bool IsComplete => Position >= Until;

    /// <summary>
    /// Where to go on, for <see cref="ExplanationOptions.GoOnFrom"/>: opaque, and at most 4,096 characters. Null when
    /// the search is complete, for a state that one stream gives, for tables, and for a document that is too large for
    /// it: these are searched again, with more time.
    /// </summary>
    public string? Continuation { get; init; }

    /// <summary>How many events were folded into the document or state.</summary>
    public required long Events { get; init; }

    /// <summary>How many of them changed the value; of tables, how many led to statements.</summary>
    public required long ChangeCount { get; init; }

    /// <summary>
    /// The last of these changes, newest first: the first one is the answer. A search that goes on from an earlier one
    /// tells those that it finds itself; where it finds none, the last one before, which is the answer still.
    /// </summary>
    public required IReadOnlyList<ValueChange> Changes { get; init; }

    /// <summary>The value as it is stored, and whether it is the same.</summary>
    public required StoredValue Stored { get; init; }

    /// <summary>The events, nearest first, that led to the command of the last change, as far as causation ids
    /// tell.</summary>
    public IReadOnlyList<RecordedEvent> Causes { get; init; } = [];

    /// <summary>
    /// Removals of what this replay may lack. Of an aggregate, and of a document of one stream: all that its stream
    /// ever saw, deletions that only hide as well. Of other documents: what was taken out of the log of the streams
    /// that were read, and where another value was found than is stored, or none, of all streams. The last hundred.
    /// </summary>
    public IReadOnlyList<RemovalRecord> Removals { get; init; } = [];

    /// <summary>
    /// The dead letters for this key, and those whose key nobody knows: events that the value lacks, or reflects as
    /// corrected. At most a hundred of <see cref="DeadLetterCount"/>: open ones first, of these the newest; told in the
    /// order of their events.
    /// </summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>How many dead letters there are.</summary>
    public int DeadLetterCount { get; init; }

    /// <summary>How many events could not be read or folded, and may be missing from the value.</summary>
    public long FailureCount { get; init; }

    /// <summary>The first ten of them, and of the events that this search looked at.</summary>
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

    /// <summary>What a key of a <see cref="SqlProjection"/> stands for in the application's own tables.</summary>
    Table,
}
