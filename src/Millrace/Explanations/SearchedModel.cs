namespace Millrace;

/// <summary>A read model and those of its documents that events are looked for.</summary>
internal sealed class SearchedModel
{
    private readonly HashSet<string> _types;
    private readonly Dictionary<string, DocumentTrack> _tracks;

    public SearchedModel(ProjectionDefinition definition, EventTypeMap types, IEnumerable<DocumentTrack> tracks, KeyLetters letters)
    {
        Definition = definition;
        Names = StoredEvents.NamesOf(types, definition.Events);
        _types = new HashSet<string>(Names, StringComparer.Ordinal);
        _tracks = tracks.ToDictionary(track => track.Key, StringComparer.Ordinal);
        Letters = letters;
    }

    public ProjectionDefinition Definition { get; }

    /// <summary>Whether its events may be anywhere in the log; else those of a document are in one stream.</summary>
    public bool IsOfLog => Definition.Lifecycle == ProjectionLifecycle.Asynchronous;

    /// <summary>The names under which its events may be stored.</summary>
    public IReadOnlyList<string> Names { get; }

    public KeyLetters Letters { get; }

    public IReadOnlyCollection<DocumentTrack> Tracks => _tracks.Values;

    /// <summary>The stream whose events were read before, so that those that cannot be are known already; null for none.</summary>
    public StreamId? LookedAt { get; init; }

    /// <summary>What could not be read, so that nobody knows which documents it is for.</summary>
    public FailureNotes Failures { get; } = new();

    public bool Wants(string eventType) => _types.Contains(eventType);

    /// <summary>The same documents, before their first events.</summary>
    public SearchedModel Anew(EventTypeMap types) =>
        new(Definition, types, Tracks.Select(track => new DocumentTrack(Definition, track.Key, history: null, Letters)), Letters)
        {
            LookedAt = LookedAt,
        };

    public DocumentTrack? Find(string key) => _tracks.GetValueOrDefault(key);
}
