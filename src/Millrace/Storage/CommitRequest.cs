namespace Millrace.Storage;

/// <summary>Everything that is written is one of these: all or nothing in itself, independent of its neighbours in a
/// batch.</summary>
public sealed class CommitRequest
{
    /// <summary>Events for one or several streams.</summary>
    public IReadOnlyList<StreamAppend> Appends { get; init; } = [];

    /// <summary>
    /// The time to record for the events, where they were recorded elsewhere before; null for the clock's. Refused with
    /// <see cref="RecordedTimeException"/> when it lies before the last time in the log or after the clock.
    /// </summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>What must not have happened.</summary>
    public IReadOnlyList<AppendCondition> Conditions { get; init; } = [];

    /// <summary>Unique values taken or released.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Documents written or removed.</summary>
    public IReadOnlyList<DocumentChange> Documents { get; init; } = [];

    /// <summary>The progress of a consumer; refused when its lease has moved on.</summary>
    public CheckpointMove? Checkpoint { get; init; }

    /// <summary>
    /// Ids of commands and messages that this handles. If one was handled before, nothing is done and its first answer
    /// is the outcome, unless that is the answer that a mark <see cref="HandledMark.Replaces"/>.
    /// </summary>
    public IReadOnlyList<HandledMark> Handled { get; init; } = [];

    /// <summary>Streams deleted, truncated or closed.</summary>
    public IReadOnlyList<StreamRemoval> Removals { get; init; } = [];

    /// <summary>Events that a consumer could not handle, and those that wait behind them.</summary>
    public IReadOnlyList<DeadLetterChange> DeadLetters { get; init; } = [];

    /// <summary>
    /// The user's own SQL, run in the same transaction. A request with statements is committed alone, or together with
    /// others that have some and no checkpoint; if one then fails, each is committed by itself.
    /// </summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];
}

/// <summary>Events for one stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">The version it must have.</param>
/// <param name="Events">The events, at least one.</param>
public sealed record StreamAppend(StreamId Stream, ExpectedVersion Expected, IReadOnlyList<EncodedEvent> Events)
{
    /// <summary>
    /// True where the events were folded as the first ones of the stream: the append conflicts with a stream that was
    /// deleted as well, whose versions continue.
    /// </summary>
    internal bool IsFirstOfStream { get; init; }
}

/// <summary>A document written or removed.</summary>
public sealed record DocumentChange
{
    /// <summary>The collection.</summary>
    public required string Collection { get; init; }

    /// <summary>The document's key: 1 to 512 characters.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// The version it must have, as it was read or as <see cref="CommitOutcome.DocumentVersion"/> told; 0 when it must
    /// not exist; null for any.
    /// </summary>
    public long? FromVersion { get; init; }

    /// <summary>Its new bytes; null removes it.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>
    /// Whether who writes it knows that it is not there, as one that builds a collection from nothing does: it may be
    /// loaded in bulk. It is written all the same where that is wrong.
    /// </summary>
    public bool IsKnownNew { get; init; }

    /// <summary>The values of the collection's fields, in their order.</summary>
    public IReadOnlyList<FieldValue> Fields { get; init; } = [];

    /// <summary>The position it reflects; 0 for the last one that this commit writes.</summary>
    public long Position { get; init; }
}

/// <summary>The progress of a consumer.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="LeaseEpoch">The lease it works under.</param>
/// <param name="From">The checkpoint it began from; null when none was stored before, so that this is the
/// first.</param>
/// <param name="To">The checkpoint it has reached.</param>
public sealed record CheckpointMove(string Consumer, int Partition, long LeaseEpoch, long? From, long To);

/// <summary>
/// A dead letter written or removed; refused unless it stands with the <see cref="DeadLetter.Id"/> and
/// <see cref="DeadLetter.Revision"/>
/// given here, or does not exist when they are 0.
/// </summary>
/// <param name="DeadLetter">The letter as it is to be.</param>
/// <param name="IsRemoval">Whether it is removed instead.</param>
public sealed record DeadLetterChange(DeadLetter DeadLetter, bool IsRemoval = false);

/// <summary>An id that is handled by a commit.</summary>
/// <param name="Scope">Within what the id is unique, such as the command's name or the consumer's.</param>
/// <param name="Id">The id.</param>
/// <param name="Answer">What to answer when it comes again.</param>
/// <param name="Until">How long it is remembered.</param>
public sealed record HandledMark(string Scope, string Id, ReadOnlyMemory<byte> Answer, DateTimeOffset Until)
{
    /// <summary>
    /// The answer whose place this one takes, byte for byte other than itself: it may stand, and no other one. Null, as
    /// by default, when none may.
    /// </summary>
    public ReadOnlyMemory<byte>? Replaces { get; init; }

    /// <summary>Whether an answer that stands is the one that this takes the place of.</summary>
    internal bool MayReplace(HandledAnswer standing) =>
        Replaces is { } replaced && replaced.Span.SequenceEqual(standing.Answer.Span);

    /// <summary>
    /// Whether this was written at a position, by the answer that is found; null when that cannot be told, as another
    /// may have taken its place since.
    /// </summary>
    internal bool? Stands(HandledAnswer? found, long position)
    {
        if (found is null || MayReplace(found))
            return false;
        return found.Position == position && found.Answer.Span.SequenceEqual(Answer.Span) ? true : null;
    }
}

/// <summary>The answer kept for a handled id.</summary>
/// <param name="Answer">The bytes kept.</param>
/// <param name="Position">The last position of the log when it was handled.</param>
public sealed record HandledAnswer(ReadOnlyMemory<byte> Answer, long Position);

/// <summary>A statement of the user's own.</summary>
/// <param name="Sql">Its text, with <c>?</c> or <c>@name</c> parameters.</param>
/// <param name="Parameters">The values in order: null, text, numbers, decimals (as text), booleans, dates (as ISO
/// text), ids (as text), bytes.</param>
public sealed record SqlStatement(string Sql, IReadOnlyList<object?> Parameters);

/// <summary>A stream deleted, truncated or closed.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">What is done to it.</param>
/// <param name="Before">With <see cref="RemovalKind.Truncate"/>: the first version that stays.</param>
/// <param name="Expected">The version it must have.</param>
/// <param name="Reason">Why; kept with the record.</param>
/// <param name="By">Who; kept with the record.</param>
public sealed record StreamRemoval(
    StreamId Stream, RemovalKind Kind, long Before, ExpectedVersion Expected, string Reason, string? By);

/// <summary>Ways of removing.</summary>
public enum RemovalKind
{
    /// <summary>The stream reads as not there; its events stay in the log, and an append begins it again with the next
    /// version.</summary>
    Delete,

    /// <summary>
    /// Its events before a version are taken out of the log; never its last one. Where there is none, nothing changes,
    /// and nothing is recorded.
    /// </summary>
    Truncate,

    /// <summary>
    /// The stream is closed for ever: all its events but the last are taken out of the log, it cannot be read, and
    /// appends are refused.
    /// </summary>
    Tombstone,
}

/// <summary>The record of a removal, by which what was removed is told from what was lost.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">What was done.</param>
/// <param name="FromVersion">The first version removed (or hidden, for a deletion).</param>
/// <param name="ToVersion">The last one.</param>
/// <param name="Events">How many events were taken out of the log; 0 for a deletion.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who.</param>
/// <param name="At">When.</param>
public sealed record RemovalRecord(
    StreamId Stream,
    RemovalKind Kind,
    long FromVersion,
    long ToVersion,
    long Events,
    string Reason,
    string? By,
    DateTimeOffset At);
