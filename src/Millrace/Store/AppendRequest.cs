using Millrace.Storage;

namespace Millrace;

/// <summary>
/// A request to append events to one or more streams. The store writes all changes of the request, or none.
/// </summary>
public sealed class AppendRequest
{
    // Most requests have a single append, so the other lists are only allocated when they are used.
    private readonly List<StreamEvents> _streams = new(1);
    private List<AppendCondition>? _conditions;
    private List<Claim>? _claims;
    private List<DocumentChange>? _documents;
    private List<HandledMark>? _handled;
    private List<SqlStatement>? _statements;

    /// <summary>Gets the metadata for all events without metadata.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>Gets the id of the conversation. By default, the store creates a new id.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>Gets the id of the message that directly caused the events.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>
    /// Gets the time at which the events were originally recorded in another system. The default is null, which means
    /// the time of the commit. Times never decrease in the log, so the store refuses the request with
    /// <see cref="RecordedTimeException"/> if the log already contains a later event.
    /// </summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <inheritdoc cref="CommitRequest.PlacedBy"/>
    internal StreamId? PlacedBy { get; set; }

    /// <inheritdoc cref="CommitRequest.PlacedIn"/>
    internal string? PlacedIn { get; set; }

    /// <summary>
    /// Gets whether the request may contain events that only Millrace appends, such as granted rights, for tools that
    /// copy a store. The default is false: the store then refuses such events.
    /// </summary>
    public bool CopiesReservedEvents { get; init; }

    internal IReadOnlyList<StreamEvents> Streams => _streams;

    internal IReadOnlyList<AppendCondition> Conditions => _conditions ?? (IReadOnlyList<AppendCondition>)[];

    internal IReadOnlyList<Claim> Claims => _claims ?? (IReadOnlyList<Claim>)[];

    internal IReadOnlyList<DocumentChange> Documents => _documents ?? (IReadOnlyList<DocumentChange>)[];

    internal IReadOnlyList<HandledMark> Handled => _handled ?? (IReadOnlyList<HandledMark>)[];

    internal IReadOnlyList<SqlStatement> Statements => _statements ?? (IReadOnlyList<SqlStatement>)[];

    /// <summary>Adds events to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The version that the stream must have.</param>
    /// <param name="events">Event objects of registered types, or <see cref="NewEvent"/>; at least one.</param>
    public AppendRequest To(StreamId stream, ExpectedVersion expected, params IReadOnlyCollection<object> events) =>
        Add(stream, expected, events, mayBeReserved: CopiesReservedEvents);

    /// <summary>Adds events of Millrace itself to a stream, whose name or types may be reserved.</summary>
    internal AppendRequest ToReserved(
        StreamId stream, ExpectedVersion expected, params IReadOnlyCollection<object> events) =>
        Add(stream, expected, events, mayBeReserved: true);

    private AppendRequest Add(
        StreamId stream, ExpectedVersion expected, IReadOnlyCollection<object> events, bool mayBeReserved)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (stream.IsDefault)
            throw new ArgumentException("The stream is not set.", nameof(stream));
        if (expected.IsDefault)
            throw new ArgumentException(
                "The expected version is not set: choose Any, NoStream, StreamExists or Exactly.", nameof(expected));
        if (events.Count == 0)
            throw new ArgumentException("An append must have at least one event.", nameof(events));
        _streams.Add(new StreamEvents(stream, expected, events, mayBeReserved));
        return this;
    }

    /// <summary>
    /// Adds a condition. If an event that matches the condition was appended, the store refuses the whole request with
    /// <see cref="ConditionFailedException"/>.
    /// </summary>
    public AppendRequest OnlyIf(AppendCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        (_conditions ??= []).Add(condition);
        return this;
    }

    /// <summary>Claims or releases a unique value in the same commit.</summary>
    public AppendRequest With(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        (_claims ??= []).Add(claim);
        return this;
    }

    /// <summary>Writes or removes a document in the same commit.</summary>
    /// <param name="document">The change.</param>
    /// <param name="shard">The shard in which the document was read; null for none.</param>
    internal void With(DocumentChange document, string? shard = null)
    {
        (_documents ??= []).Add(document);
        PlacedIn ??= shard;
    }

    /// <summary>
    /// Removes a document if it still has the version that was read. If the request already changes the document, the
    /// request keeps only the last of these changes and no removal. This change then expects the version that was read.
    /// </summary>
    internal void RemoveDocument(DocumentChange removal)
    {
        var change = _documents?.FindLast(IsSameDocument);
        _documents?.RemoveAll(IsSameDocument);
        With(change is null ? removal : change with { FromVersion = removal.FromVersion });

        bool IsSameDocument(DocumentChange other) => other.Collection == removal.Collection && other.Key == removal.Key;
    }

    /// <summary>Marks an id as handled by the request.</summary>
    internal void With(HandledMark mark) => (_handled ??= new List<HandledMark>(1)).Add(mark);

    /// <summary>Adds an SQL statement of the application that runs in the transaction of the request.</summary>
    internal void With(SqlStatement statement) => (_statements ??= new List<SqlStatement>(1)).Add(statement);

    /// <summary>Events that are appended to one stream.</summary>
    /// <param name="Stream">The stream.</param>
    /// <param name="Expected">The version that it must have.</param>
    /// <param name="Events">The events.</param>
    /// <param name="MayBeReserved">Whether the stream and the types may be reserved for Millrace.</param>
    internal readonly record struct StreamEvents(
        StreamId Stream, ExpectedVersion Expected, IReadOnlyCollection<object> Events, bool MayBeReserved);
}
