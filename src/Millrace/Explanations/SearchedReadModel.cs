namespace Millrace;

/// <summary>A read model and those of its documents that events are looked for.</summary>
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

    /// <summary>Whether its events may be anywhere in the log; else those of a document are in one stream.</summary>
    public bool IsOfLog => Definition.Lifecycle == ProjectionLifecycle.Asynchronous;

    /// <summary>The names under which its events may be stored.</summary>
    public IReadOnlyList<string> Names { get; }

    public ReadModelDeadLetters DeadLetters { get; }

    public IReadOnlyCollection<DocumentTracker> Tracks => _tracks.Values;

    /// <summary>The stream whose events were read before, so that those that cannot be are known already; null for
    /// none.</summary>
    public StreamId? SourceStream { get; init; }

    /// <summary>What could not be read, so that nobody knows which documents it is for.</summary>
    public FailureSamples Failures { get; } = new();

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>The same documents, before their first events.</summary>
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
