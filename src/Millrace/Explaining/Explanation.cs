using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The history of a value, with the events that changed it. Millrace replays the events of the value's key with the
/// application's code.
/// </summary>
public sealed record Explanation
{
    /// <summary>Gets the kind of the value's owner.</summary>
    public required ExplainedKind Kind { get; init; }

    /// <summary>
    /// Gets the name of the read model, of the projection into tables or of the decider, or the type of the aggregate.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Gets the key of the document or the stream.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the name of the shard whose events were replayed; null without shards.</summary>
    public string? Shard { get; init; }

    /// <summary>
    /// Gets the explanations of the other parts, if several shards have a part of the document; otherwise an empty
    /// list. The read model combines the parts. This explanation is then that of the part with the newest change.
    /// </summary>
    public IReadOnlyList<Explanation> OtherParts { get; init; } = [];

    /// <summary>Gets the stream of the aggregate or decider; null for a document.</summary>
    public StreamId? Stream { get; init; }

    /// <summary>Gets the member, such as <c>lines[2].price</c>; null for the whole document or state.</summary>
    public string? Member { get; init; }

    /// <summary>
    /// Gets the replayed value as JSON, or null if there is no value. It is also null for tables, which Millrace does
    /// not read.
    /// </summary>
    public string? Value { get; init; }

    /// <summary>
    /// Gets whether the document or the stream exists. For tables, gets whether the key has any event.
    /// </summary>
    public required bool Exists { get; init; }

    /// <summary>
    /// Gets the position of the log up to which events were replayed. The whole explanation describes this position.
    /// </summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the position up to which the caller requested a replay. This is the end of the log, or the requested
    /// moment.
    /// </summary>
    public required long Until { get; init; }

    /// <summary>
    /// Gets the first position that was searched. This is 1, or the position at which an earlier search stopped. The
    /// earlier search has returned the earlier changes. The counts and the last change include the earlier searches.
    /// </summary>
    public long SearchedFrom { get; init; } = 1;

    /// <summary>
    /// Gets whether all events were searched. False if the time limit expired. In this case, <see cref="Position"/> is
    /// the position that the search has reached.
    /// </summary>
    public bool IsComplete => Position >= Until;

    /// <summary>
    /// Gets the continuation for <see cref="ExplanationOptions.Continuation"/>, which is an opaque text of at most
    /// 4,096 characters. It contains positions and no values. It is null if the search is complete. It is also null for
    /// the state of a stream, for tables, and for a document whose events are among more than 300,000 events, which the
    /// next search would read again. Repeat such a search with more time.
    /// </summary>
    public string? Continuation { get; init; }

    /// <summary>Gets why a search that is not complete has no continuation, and what to do; otherwise null.</summary>
    public string? NoContinuation => IsComplete || Continuation is not null ? null
        : "The search cannot be continued: only one for a document of an asynchronous read model can, whose events "
            + "are among at most 300,000 others. Search again with a longer limit.";

    /// <summary>Gets the number of events that were folded into the document or state.</summary>
    public required long Events { get; init; }

    /// <summary>Gets the number of events that changed the value or, for tables, produced statements.</summary>
    public required long ChangeCount { get; init; }

    /// <summary>
    /// Gets the last changes, newest first. The first change in the list explains the current value. A continued search
    /// returns only the changes that it finds. If it finds none, it returns the last change of the earlier search.
    /// </summary>
    public required IReadOnlyList<ValueChange> Changes { get; init; }

    /// <summary>Gets the stored value, and its comparison with the replayed value.</summary>
    public required StoredValue Stored { get; init; }

    /// <summary>
    /// Gets the events that led to the command of the last change, nearest first. Only events with recorded causation
    /// ids are found.
    /// </summary>
    public IReadOnlyList<RecordedEvent> Causes { get; init; } = [];

    /// <summary>
    /// Gets the removals of events that this replay may lack. For an aggregate, and for a document of one stream, these
    /// are all removals of the stream, including deletions that only hide events. For other documents, these are
    /// removals from the log in the streams that were read, or in all streams if the stored value is missing or
    /// differs. The list has at most the last hundred removals.
    /// </summary>
    public IReadOnlyList<RemovalRecord> Removals { get; init; } = [];

    /// <summary>
    /// Gets the dead letters of this key, and those with an unknown key. The value lacks their events, or contains the
    /// corrected events. The list has at most a hundred dead letters, in the order of their events. Open and newer ones
    /// take precedence. <see cref="DeadLetterCount"/> is the number of all of them.
    /// </summary>
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>Gets the number of all dead letters of this key or with an unknown key.</summary>
    public int DeadLetterCount { get; init; }

    /// <summary>Gets the number of events that could not be read or folded. The value may lack these events.</summary>
    public long FailureCount { get; init; }

    /// <summary>Gets the first ten failures in this search.</summary>
    public IReadOnlyList<FoldFailure> Failures { get; init; } = [];

    /// <summary>Gets the last change, or null if no event ever set the value.</summary>
    public ValueChange? Answer => Changes.Count > 0 ? Changes[0] : null;
}

/// <summary>Specifies the kind of a value's owner.</summary>
public enum ExplainedKind
{
    /// <summary>A document of a read model.</summary>
    Document,

    /// <summary>The state of an aggregate.</summary>
    Aggregate,

    /// <summary>The state of a decider.</summary>
    Decider,

    /// <summary>A key of a <see cref="SqlProjection"/> in the application's own tables.</summary>
    Table,
}
