using Millrace.Storage;

namespace Millrace;

/// <summary>Events for one or several streams with all that must hold for them, written together or not at all.</summary>
public sealed class AppendRequest
{
    private readonly List<(StreamId Stream, ExpectedVersion Expected, IReadOnlyCollection<object> Events)> _streams = [];
    private readonly List<AppendCondition> _conditions = [];
    private readonly List<Claim> _claims = [];

    /// <summary>What is known of all events that do not say it themselves.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>The same through one conversation; a new one by default.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The id of the message that directly caused the events.</summary>
    public Guid? CausationId { get; init; }

    internal IReadOnlyList<(StreamId Stream, ExpectedVersion Expected, IReadOnlyCollection<object> Events)> Streams => _streams;

    internal IReadOnlyList<AppendCondition> Conditions => _conditions;

    internal IReadOnlyList<Claim> Claims => _claims;

    internal List<DocumentChange> Documents { get; } = [];

    internal List<HandledMark> Handled { get; } = [];

    internal List<SqlStatement> Statements { get; } = [];

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
            throw new ArgumentException("No expected version was given: choose Any, NoStream, StreamExists or Exactly.", nameof(expected));
        if (events.Count == 0)
            throw new ArgumentException("An append has at least one event.", nameof(events));
        _streams.Add((stream, expected, events));
        return this;
    }

    /// <summary>Refuses the whole request with <see cref="ConditionFailedException"/> when an event was appended that the condition excludes.</summary>
    public AppendRequest OnlyIf(AppendCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        _conditions.Add(condition);
        return this;
    }

    /// <summary>Takes or releases a unique value with the request.</summary>
    public AppendRequest With(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        _claims.Add(claim);
        return this;
    }
}
