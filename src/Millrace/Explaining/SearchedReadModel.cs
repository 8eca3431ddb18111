using Millrace.Consuming;
using Millrace.Projecting.Replays;

namespace Millrace.Explaining;

/// <summary>A read model, and the documents for which events are searched.</summary>
internal sealed class SearchedReadModel
{
    private readonly HashSet<string> _types;
    private readonly Dictionary<string, DocumentTracker> _tracks;

    public SearchedReadModel(
        ProjectionDefinition definition,
        EventTypeMap types,
        IEnumerable<DocumentTracker> tracks,
        ReadModelDeadLetters letters)
    {
        Definition = definition;
        Names = StoredEventTypes.NamesOf(types, definition.Events);
        _types = new HashSet<string>(Names, StringComparer.Ordinal);
        _tracks = tracks.ToDictionary(track => track.Key, StringComparer.Ordinal);
        DeadLetters = letters;
    }

    public ProjectionDefinition Definition { get; }

    /// <summary>
    /// Gets whether the events of a document can be anywhere in the log. Otherwise, they are in one stream.
    /// </summary>
    public bool IsReplayedFromLog => Definition.Lifecycle == ProjectionLifecycle.Asynchronous;

    /// <summary>Gets the stored names of the event types.</summary>
    public IReadOnlyList<string> Names { get; }

    public ReadModelDeadLetters DeadLetters { get; }

    public IReadOnlyCollection<DocumentTracker> Tracks => _tracks.Values;

    /// <summary>
    /// Gets the stream whose events were already read, or null if there is none. The unreadable events of this stream
    /// are already known.
    /// </summary>
    public StreamId? SourceStream { get; init; }

    /// <summary>Gets the events that could not be read. Their documents are unknown.</summary>
    public FailureSamples Failures { get; } = new();

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>Creates trackers for the same documents, before their first events.</summary>
    public SearchedReadModel Recreate(EventTypeMap types) =>
        new(
            Definition,
            types,
            Tracks.Select(track => new DocumentTracker(Definition, track.Key, history: null, DeadLetters)),
            DeadLetters)
        {
            SourceStream = SourceStream,
        };

    public DocumentTracker? Find(string key) => _tracks.GetValueOrDefault(key);
}
