namespace Millrace.Storage;

/// <summary>
/// A request to write to the store. A storage writes all changes of the request, or none, independently of other
/// requests in the batch.
/// </summary>
public sealed class CommitRequest
{
    /// <summary>Gets the events for one or more streams.</summary>
    public IReadOnlyList<StreamAppend> Appends { get; init; } = [];

    /// <summary>
    /// Gets the time to record for events that another system recorded earlier; null for the current time. The request
    /// is refused with <see cref="RecordedTimeException"/> if the time is in the future, or before the last time in the
    /// log.
    /// </summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Gets the conditions that must hold.</summary>
    public IReadOnlyList<AppendCondition> Conditions { get; init; } = [];

    /// <summary>
    /// Gets the versions that streams must have, even if the request does not append to them. The request is refused
    /// with <see cref="VersionConflictException"/> if a stream has another version.
    /// </summary>
    public IReadOnlyList<StreamGuard> Guards { get; init; } = [];

    /// <summary>Gets the unique values to claim or release.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Gets the documents to write or remove.</summary>
    public IReadOnlyList<DocumentChange> Documents { get; init; } = [];

    /// <summary>
    /// Gets the progress of a consumer. The request is refused if another node has acquired the consumer's lease.
    /// </summary>
    public CheckpointMove? Checkpoint { get; init; }

    /// <summary>
    /// Gets the ids of commands and messages that the request handles. If one of the ids was handled before, the
    /// request writes nothing, and the outcome contains the stored answer. A mark can replace the stored answer
    /// instead, as <see cref="HandledMark.Replaces"/> describes.
    /// </summary>
    public IReadOnlyList<HandledMark> Handled { get; init; } = [];

    /// <summary>
    /// Gets the streams to delete, truncate or close, in order. The request writes its <see cref="Appends"/> first, so
    /// that a removal refers to a stream that already contains them.
    /// </summary>
    public IReadOnlyList<StreamRemoval> Removals { get; init; } = [];

    /// <summary>
    /// Gets events whose stored content is replaced: content type, payload and metadata. All other values must be those
    /// of the stored event, and its checksum is computed again. An event that no longer exists is skipped. Only the
    /// archive uses this, to store references to segments instead of contents. The request also writes a document.
    /// </summary>
    public IReadOnlyList<RecordedEvent> Replacements { get; init; } = [];

    /// <summary>
    /// Gets the changes of dead letters. A dead letter is an event that a consumer could not handle, or an event that
    /// waits for such an event.
    /// </summary>
    public IReadOnlyList<DeadLetterChange> DeadLetters { get; init; } = [];

    /// <summary>
    /// Gets SQL of the application that runs in the same transaction. A request with statements and a checkpoint is
    /// committed alone. A request with statements and no checkpoint can be committed together with similar requests. If
    /// one of these requests fails, each is committed separately.
    /// </summary>
    public IReadOnlyList<SqlStatement> Statements { get; init; } = [];

    /// <summary>
    /// Gets whether the marked values are already in their stored form, so that the store does not encrypt them. The
    /// default is false.
    /// </summary>
    internal bool IsAsStored { get; init; }

    /// <summary>
    /// Gets the stream whose shard commits the request if it appends to no stream; null to choose another shard. It has
    /// no effect in the log of a single store.
    /// </summary>
    internal StreamId? PlacedBy { get; init; }

    /// <summary>
    /// Gets the name of the shard whose documents the request changes; null if it changes no document that was read in
    /// a shard. It has no effect in the log of a single store.
    /// </summary>
    internal string? PlacedIn { get; init; }

    /// <summary>Creates a copy with other contents; null keeps the contents of this request.</summary>
    internal CommitRequest WithContents(
        IReadOnlyList<StreamAppend>? appends = null,
        IReadOnlyList<DocumentChange>? documents = null,
        IReadOnlyList<DeadLetterChange>? letters = null,
        IReadOnlyList<Claim>? claims = null,
        IReadOnlyList<AppendCondition>? conditions = null,
        IReadOnlyList<StreamGuard>? guards = null) => new()
        {
            Appends = appends ?? Appends,
            RecordedAt = RecordedAt,
            Conditions = conditions ?? Conditions,
            Guards = guards ?? Guards,
            Claims = claims ?? Claims,
            Documents = documents ?? Documents,
            Checkpoint = Checkpoint,
            Handled = Handled,
            Removals = Removals,
            Replacements = Replacements,
            DeadLetters = letters ?? DeadLetters,
            Statements = Statements,
            IsAsStored = IsAsStored,
            PlacedBy = PlacedBy,
            PlacedIn = PlacedIn,
        };
}

/// <summary>An append of events to one stream.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Expected">The version that the stream must have.</param>
/// <param name="Events">The events, at least one.</param>
public sealed record StreamAppend(StreamId Stream, ExpectedVersion Expected, IReadOnlyList<EncodedEvent> Events)
{
    /// <summary>
    /// Gets whether the events must be the first events of the stream. If true, the append also conflicts with a
    /// deleted stream, because the versions of a deleted stream continue.
    /// </summary>
    internal bool IsFirstOfStream { get; init; }
}

/// <summary>A version that a stream must have when a request is committed.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Version">The version of its last event, also if the stream was deleted; 0 if it never existed.</param>
public readonly record struct StreamGuard(StreamId Stream, long Version)
{
    /// <summary>
    /// Gets whether the stream is a fence; false by default. A change of a fence has an effect only after a removal
    /// from its stream. A storage that has checked the guard can therefore assume its version until the next removal.
    /// </summary>
    public bool IsFence { get; init; }
}

/// <summary>A document to write or remove.</summary>
public sealed record DocumentChange
{
    /// <summary>Gets the collection.</summary>
    public required string Collection { get; init; }

    /// <summary>Gets the key of the document: 1 to 512 characters.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// Gets the version that the document must have, from a read or from <see cref="CommitOutcome.DocumentVersion"/>.
    /// The version 0 means that the document must not exist, and null allows any version.
    /// </summary>
    public long? FromVersion { get; init; }

    /// <summary>Gets the new bytes; null to remove the document.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>
    /// Gets whether the writer knows that the document does not exist, for example when it builds a new collection. A
    /// storage can then use a bulk insert. If the document does exist, the storage writes it normally.
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
/// <param name="From">The previous checkpoint; null if no checkpoint was stored before.</param>
/// <param name="To">The new checkpoint.</param>
public sealed record CheckpointMove(string Consumer, int Partition, long LeaseEpoch, long? From, long To);

/// <summary>
/// A dead letter to write or remove. The stored dead letter must have the same <see cref="DeadLetter.Id"/> and
/// <see cref="DeadLetter.Revision"/>. If these are 0, the dead letter must not exist. Otherwise the request is refused.
/// </summary>
/// <param name="DeadLetter">The dead letter.</param>
/// <param name="IsRemoval">True to remove the dead letter, false to write it.</param>
public sealed record DeadLetterChange(DeadLetter DeadLetter, bool IsRemoval = false);

/// <summary>An id that a commit handles.</summary>
/// <param name="Scope">The scope in which the id is unique, such as the name of a command or a consumer.</param>
/// <param name="Id">The id.</param>
/// <param name="Answer">The answer for a caller that repeats the request.</param>
/// <param name="Until">The time until which the id is stored.</param>
public sealed record HandledMark(string Scope, string Id, ReadOnlyMemory<byte> Answer, DateTimeOffset Until)
{
    /// <summary>
    /// Gets the stored answer that this mark may replace; null, the default, to replace no answer. The stored answer
    /// must differ from the answer of this mark.
    /// </summary>
    public ReadOnlyMemory<byte>? Replaces { get; init; }

    /// <summary>Returns whether this mark may replace a stored answer.</summary>
    internal bool MayReplace(HandledAnswer stored) =>
        Replaces is { } replaced && replaced.Span.SequenceEqual(stored.Answer.Span);

    /// <summary>
    /// Returns whether the stored answer shows that this mark was written at a position; null if that is unknown,
    /// because another mark may have replaced this mark since. A storage calls this method when a commit is in doubt.
    /// </summary>
    /// <param name="found">The answer that is stored for the id now; null if there is none.</param>
    /// <param name="position">The position in the outcome of the request.</param>
    public bool? WasWrittenAt(HandledAnswer? found, long position)
    {
        if (found is null || MayReplace(found))
            return false;
        return found.Position == position && found.Answer.Span.SequenceEqual(Answer.Span) ? true : null;
    }
}

/// <summary>The stored answer to a command or message that was handled.</summary>
/// <param name="Answer">The stored bytes.</param>
/// <param name="Position">The last position of the log when the id was handled.</param>
public sealed record HandledAnswer(ReadOnlyMemory<byte> Answer, long Position)
{
    /// <summary>Gets the name of the shard with the answer; null for the log of a single store.</summary>
    internal string? Shard { get; init; }
}

/// <summary>An SQL statement of the application.</summary>
/// <param name="Sql">The statement, with <c>?</c> or <c>@name</c> parameters.</param>
/// <param name="Parameters">The values in order. A value can be null, a text, a number, a decimal, a boolean, a date,
/// an id or bytes. Decimals and ids are stored as text, and dates as ISO text.</param>
public sealed record SqlStatement(string Sql, IReadOnlyList<object?> Parameters);

/// <summary>A stream to delete, truncate or close.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of removal.</param>
/// <param name="Before">The first version that remains in the stream. Used only for
/// <see cref="RemovalKind.Truncate"/>.</param>
/// <param name="Expected">The version that the stream must have.</param>
/// <param name="Reason">The reason, stored with the record.</param>
/// <param name="By">The name of the user, stored with the record.</param>
public sealed record StreamRemoval(
    StreamId Stream, RemovalKind Kind, long Before, ExpectedVersion Expected, string Reason, string? By)
{
    /// <summary>Returns the removal. Throws an exception if its reason or its expected version is not set.</summary>
    internal StreamRemoval Checked()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Reason);
        return !Expected.IsDefault
            ? this
            : throw new ArgumentException(
                "The expected version is not set: choose Any, NoStream, StreamExists or Exactly.", nameof(Expected));
    }
}

/// <summary>The kinds of removals.</summary>
public enum RemovalKind
{
    /// <summary>
    /// The stream can no longer be read, but its events remain in the log. A later append starts the stream again with
    /// the next version.
    /// </summary>
    Delete,

    /// <summary>
    /// The events before a version are removed from the log, but the last event of the stream is never removed. If
    /// there is no event to remove, the removal has no effect and is not recorded.
    /// </summary>
    Truncate,

    /// <summary>
    /// The stream is closed permanently. All its events except the last are removed from the log. The stream cannot be
    /// read, and appends are refused.
    /// </summary>
    Tombstone,
}

/// <summary>The record of a removal. The records show which missing events were removed on purpose.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Kind">The kind of removal.</param>
/// <param name="FromVersion">The first removed version. For a deletion, the first hidden version.</param>
/// <param name="ToVersion">The last removed version. For a deletion, the last hidden version.</param>
/// <param name="Events">The number of events that were removed from the log; 0 for a deletion.</param>
/// <param name="Reason">The reason.</param>
/// <param name="User">The user.</param>
/// <param name="At">The time.</param>
public sealed record RemovalRecord(
    StreamId Stream,
    RemovalKind Kind,
    long FromVersion,
    long ToVersion,
    long Events,
    string Reason,
    string? User,
    DateTimeOffset At);
