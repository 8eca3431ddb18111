namespace Millrace.Storage;

/// <summary>
/// The unit of writing: written completely or not at all, independently of other requests in a batch.
/// </summary>
public sealed class CommitRequest
{
    /// <summary>Gets the events for one or more streams.</summary>
    public IReadOnlyList<StreamAppend> Appends { get; init; } = [];

    /// <summary>
    /// Gets the time to record for events that were recorded elsewhere before; null for the current time. The request
    /// is refused with <see cref="RecordedTimeException"/> if the time is before the last time in the log or in the
    /// future.
    /// </summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Gets the conditions that must hold.</summary>
    public IReadOnlyList<AppendCondition> Conditions { get; init; } = [];

    /// <summary>Gets the unique values to take or release.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Gets the documents to write or remove.</summary>
    public IReadOnlyList<DocumentChange> Documents { get; init; } = [];

    /// <summary>Gets the progress of a consumer; refused if another node has taken its lease.</summary>
    public CheckpointMove? Checkpoint { get; init; }

    /// <summary>
    /// Gets the ids of commands and messages that the request handles. If one was handled before, nothing is written
    /// and the outcome contains its first answer, unless a mark <see cref="HandledMark.Replaces"/> that answer.
    /// </summary>
    public IReadOnlyList<HandledMark> Handled { get; init; } = [];

    /// <summary>Gets the streams to delete, truncate or close.</summary>
    public IReadOnlyList<StreamRemoval> Removals { get; init; } = [];

    /// <summary>Gets events that a consumer could not handle, and events that wait behind them.</summary>
    public IReadOnlyList<DeadLetterChange> DeadLetters { get; init; } = [];

    /// <summary>
    /// Gets SQL of the application that runs in the same transaction. A request with statements is committed alone, or
    /// together with other requests that have statements but no checkpoint. If one of them fails, each is committed
    /// separately.
    /// </summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];
}

/// <summary>The events for one stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">The version that the stream must have.</param>
/// <param name="Events">The events, at least one.</param>
public sealed record StreamAppend(StreamId Stream, ExpectedVersion Expected, IReadOnlyList<EncodedEvent> Events)
{
    /// <summary>
    /// Gets whether the events were decided as the first ones of the stream. The append then also conflicts with a
    /// deleted stream, whose versions continue.
    /// </summary>
    internal bool IsFirstOfStream { get; init; }
}

/// <summary>A document to write or remove.</summary>
public sealed record DocumentChange
{
    /// <summary>Gets the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the key of the document: 1 to 512 characters.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// Gets the version that the document must have, as it was read or returned in
    /// <see cref="CommitOutcome.DocumentVersion"/>; 0 if it must not exist; null for any version.
    /// </summary>
    public long? FromVersion { get; init; }

    /// <summary>Gets the new bytes; null removes the document.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>
    /// Gets whether the writer knows that the document does not exist, as when it builds a new collection: a storage
    /// may then insert it in bulk. If the document exists nevertheless, it is written normally.
    /// </summary>
    public bool IsKnownNew { get; init; }

    /// <summary>Gets the values of the collection's fields, in their order.</summary>
    public IReadOnlyList<FieldValue> Fields { get; init; } = [];

    /// <summary>Gets the position that the document reflects; 0 for the last position of this commit.</summary>
    public long Position { get; init; }
}

/// <summary>The progress of a consumer.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Partition">The partition.</param>
/// <param name="LeaseEpoch">The lease epoch under which the consumer runs.</param>
/// <param name="From">The previous checkpoint; null if none was stored before, so that this is the first.</param>
/// <param name="To">The new checkpoint.</param>
public sealed record CheckpointMove(string Consumer, int Partition, long LeaseEpoch, long? From, long To);

/// <summary>
/// A dead letter to write or remove. It is refused unless the stored dead letter has the given
/// <see cref="DeadLetter.Id"/> and <see cref="DeadLetter.Revision"/>, or does not exist if they are 0.
/// </summary>
/// <param name="DeadLetter">The new dead letter.</param>
/// <param name="IsRemoval">True to remove it instead.</param>
public sealed record DeadLetterChange(DeadLetter DeadLetter, bool IsRemoval = false);

/// <summary>An id that a commit handles.</summary>
/// <param name="Scope">The scope in which the id is unique, such as the name of a command or a consumer.</param>
/// <param name="Id">The id.</param>
/// <param name="Answer">The answer for a repetition.</param>
/// <param name="Until">The time until which the id is stored.</param>
public sealed record HandledMark(string Scope, string Id, ReadOnlyMemory<byte> Answer, DateTimeOffset Until)
{
    /// <summary>
    /// Gets the stored answer that this mark may replace, which must differ from its own; no other answer is replaced.
    /// Null, the default, to replace none.
    /// </summary>
    public ReadOnlyMemory<byte>? Replaces { get; init; }

    /// <summary>Returns whether a stored answer is the one that this mark replaces.</summary>
    internal bool MayReplace(HandledAnswer stored) =>
        Replaces is { } replaced && replaced.Span.SequenceEqual(stored.Answer.Span);

    /// <summary>
    /// Returns whether the stored answer shows that this mark was written at a position; null if that is unknown,
    /// because another mark may have replaced it since.
    /// </summary>
    internal bool? WasWrittenAt(HandledAnswer? found, long position)
    {
        if (found is null || MayReplace(found))
            return false;
        return found.Position == position && found.Answer.Span.SequenceEqual(Answer.Span) ? true : null;
    }
}

/// <summary>The answer that is stored for a handled id.</summary>
/// <param name="Answer">The stored bytes.</param>
/// <param name="Position">The last position of the log when the id was handled.</param>
public sealed record HandledAnswer(ReadOnlyMemory<byte> Answer, long Position);

/// <summary>An SQL statement of the application.</summary>
/// <param name="Sql">The statement, with <c>?</c> or <c>@name</c> parameters.</param>
/// <param name="Parameters">The values in order: null, text, numbers, decimals (as text), booleans, dates (as ISO
/// text), ids (as text), bytes.</param>
public sealed record SqlStatement(string Sql, IReadOnlyList<object?> Parameters);

/// <summary>A stream to delete, truncate or close.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of removal.</param>
/// <param name="Before">For <see cref="RemovalKind.Truncate"/>: the first version that is kept.</param>
/// <param name="Expected">The version that the stream must have.</param>
/// <param name="Reason">The reason, stored with the record.</param>
/// <param name="By">The user, stored with the record.</param>
public sealed record StreamRemoval(
    StreamId Stream, RemovalKind Kind, long Before, ExpectedVersion Expected, string Reason, string? By);

/// <summary>The kinds of removals.</summary>
public enum RemovalKind
{
    /// <summary>
    /// The stream can no longer be read. Its events stay in the log, and an append starts it again with the next
    /// version.
    /// </summary>
    Delete,

    /// <summary>
    /// The events before a version are removed from the log, but never the last one. If there are no such events,
    /// nothing changes and nothing is recorded.
    /// </summary>
    Truncate,

    /// <summary>
    /// The stream is closed for ever: all its events except the last are removed from the log, it cannot be read, and
    /// appends are refused.
    /// </summary>
    Tombstone,
}

/// <summary>The record of a removal, which distinguishes removed events from lost ones.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of removal.</param>
/// <param name="FromVersion">The first removed version (hidden, for a deletion).</param>
/// <param name="ToVersion">The last removed version.</param>
/// <param name="Events">The number of events that were removed from the log; 0 for a deletion.</param>
/// <param name="Reason">The reason.</param>
/// <param name="By">The user.</param>
/// <param name="At">The time.</param>
public sealed record RemovalRecord(
    StreamId Stream,
    RemovalKind Kind,
    long FromVersion,
    long ToVersion,
    long Events,
    string Reason,
    string? By,
    DateTimeOffset At);
