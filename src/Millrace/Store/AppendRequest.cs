using Millrace.Storage;

namespace Millrace;

/// <summary>Events for one or several streams with all that must hold for them, written together or not at
/// all.</summary>
public sealed class AppendRequest
{
    // Most requests are one append and nothing else: what is not used is not allocated.
    private readonly List<(StreamId Stream, ExpectedVersion Expected, IReadOnlyCollection<object> Events)> _streams =
        new(1);
    private List<AppendCondition>? _conditions;
    private List<Claim>? _claims;
    private List<DocumentChange>? _documents;
    private List<HandledMark>? _handled;
    private List<SqlStatement>? _statements;

    /// <summary>What is known of all events that do not say it themselves.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>The same through one conversation; a new one by default.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The id of the message that directly caused the events.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>
    /// When the events were recorded elsewhere before, to keep that time; null, by default, for the time of the commit.
    /// Times never run backwards in the log: the request is refused with <see cref="RecordedTimeException"/> when a
    /// later event stands in it already.
    /// </summary>
    public DateTimeOffset? RecordedAt { get; init; }

    internal IReadOnlyList<(StreamId Stream, ExpectedVersion Expected, IReadOnlyCollection<object> Events)> Streams =>
        _streams;

    internal IReadOnlyList<AppendCondition> Conditions => _conditions ?? (IReadOnlyList<AppendCondition>)[];

    internal IReadOnlyList<Claim> Claims => _claims ?? (IReadOnlyList<Claim>)[];

    internal IReadOnlyList<DocumentChange> Documents => _documents ?? (IReadOnlyList<DocumentChange>)[];

    internal IReadOnlyList<HandledMark> Handled => _handled ?? (IReadOnlyList<HandledMark>)[];

    internal IReadOnlyList<SqlStatement> Statements => _statements ?? (IReadOnlyList<SqlStatement>)[];

    /// <summary>Adds events to a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="expected">The version it must have.</param>
    /// <param name="events">Event objects of registered types, or <see cref="NewEvent"/>; at least one.</param>
    public AppendRequest To(StreamId stream, ExpectedVersion expected, params IReadOnlyCollection<object> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (stream.IsDefault)
            throw new ArgumentException("No stream was given.", nameof(stream));
        if (expected.IsDefault)
            throw new ArgumentException(
                "No expected version was given: choose Any, NoStream, StreamExists or Exactly.", nameof(expected));
        if (events.Count == 0)
            throw new ArgumentException("An append has at least one event.", nameof(events));
        _streams.Add((stream, expected, events));
        return this;
    }

    /// <summary>
    /// Refuses the whole request with <see cref="ConditionFailedException"/> when an event was appended that the
    /// condition excludes.
    /// </summary>
    public AppendRequest OnlyIf(AppendCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        (_conditions ??= []).Add(condition);
        return this;
    }

    /// <summary>Takes or releases a unique value with the request.</summary>
    public AppendRequest With(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        (_claims ??= []).Add(claim);
        return this;
    }

    /// <summary>Writes or removes a document with the request.</summary>
    internal void With(DocumentChange document) => (_documents ??= []).Add(document);

    /// <summary>
    /// Ends a document as it was read, unless the request says already what becomes of it: then the last word counts,
    /// from that version.
    /// </summary>
    internal void EndDocument(DocumentChange removal)
    {
        var said = _documents?.FindLast(IsAboutIt);
        _documents?.RemoveAll(IsAboutIt);
        With(said is null ? removal : said with { FromVersion = removal.FromVersion });

        bool IsAboutIt(DocumentChange change) => change.Collection == removal.Collection && change.Key == removal.Key;
    }

    /// <summary>Marks an id as handled by the request.</summary>
    internal void With(HandledMark mark) => (_handled ??= new List<HandledMark>(1)).Add(mark);

    /// <summary>Runs the user's own SQL in the request's transaction.</summary>
    internal void With(SqlStatement statement) => (_statements ??= new List<SqlStatement>(1)).Add(statement);
}
