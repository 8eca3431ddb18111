using Millrace.PostgreSql.Documents;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// The facts that decide a batch, read beforehand under the log's lock. Facts that a decision needs but were not read
/// are recorded, so that they can be read before the batch is decided again.
/// </summary>
internal sealed class BatchFacts : ICommitFacts
{
    private readonly Dictionary<StreamId, StreamHead> _streams = [];
    private readonly Dictionary<(string Scope, string Value), string> _claims = [];
    private readonly Dictionary<(string Scope, string Id), (HandledAnswer Answer, DateTimeOffset Until)> _handled = [];
    private readonly Dictionary<(string Collection, string Key), long> _documents = [];
    private readonly Dictionary<(string Consumer, int Partition), CheckpointFact> _checkpoints = [];
    private readonly Dictionary<
        (string Consumer, int Partition, long Position, string Key),
        DeadLetterFact
    > _deadLetters = [];
    private readonly Dictionary<(EventFilter Filter, long After), long> _matches = [];
    private readonly Dictionary<StreamId, List<EventLocation>> _locations = [];
    private readonly HashSet<StreamId> _unread = [];

    /// <summary>The transaction that read the facts and writes the batch; null for assumed facts.</summary>
    public long? Transaction { get; set; }

    /// <summary>The current collections that the batch writes to, by name.</summary>
    public Dictionary<string, Collection> Collections { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// The generation of the log, which changes when an append that was decided on older facts must be refused.
    /// </summary>
    public long Generation { get; set; }

    /// <summary>The prefix of fences of which none exists; null if it is not known.</summary>
    public string? UnusedFences { get; set; }

    /// <summary>The time of the decision.</summary>
    public DateTimeOffset Now { get; set; }

    public long LastPosition { get; set; }

    public DateTimeOffset LastTimestamp { get; set; } = DateTimeOffset.MinValue;

    public long LastDocumentVersion { get; set; }

    /// <summary>The streams whose events were looked up by id but are not read yet.</summary>
    public IReadOnlyCollection<StreamId> Unread => _unread;

    public void Add(StreamId stream, StreamHead head) => _streams[stream] = head;

    public void AddClaim(string scope, string value, string owner) => _claims[(scope, value)] = owner;

    public void AddHandled(string scope, string id, HandledAnswer answer, DateTimeOffset until) =>
        _handled[(scope, id)] = (answer, until);

    public void AddDocument(string collection, string key, long version) => _documents[(collection, key)] = version;

    public void AddCheckpoint(string consumer, int partition, CheckpointFact fact) =>
        _checkpoints[(consumer, partition)] = fact;

    public void AddDeadLetter(string consumer, int partition, long position, string key, DeadLetterFact fact) =>
        _deadLetters[(consumer, partition, position, key)] = fact;

    public void AddMatch(EventFilter filter, long after, long position) => _matches[(filter, after)] = position;

    /// <summary>Records that the events of a stream whose ids the batch's appends contain have been read.</summary>
    public void AddStream(StreamId stream)
    {
        _locations[stream] = [];
        _unread.Remove(stream);
    }

    public void AddLocation(StreamId stream, EventLocation location) => _locations[stream].Add(location);

    public StreamHead GetStream(StreamId stream) => _streams.GetValueOrDefault(stream, StreamHead.None);

    // Only ids that the batch appends were read. For any other id, null has the same effect: it never matches.
    public Guid? FindEventId(StreamId stream, long version)
    {
        foreach (var location in LocationsOf(stream))
        {
            if (location.Version == version)
                return location.Id;
        }
        return null;
    }

    public long FindVersion(StreamId stream, Guid eventId)
    {
        var found = 0L;
        foreach (var location in LocationsOf(stream))
        {
            if (location.Id == eventId && (found == 0 || location.Version < found))
                found = location.Version;
        }
        return found;
    }

    public long GetPosition(StreamId stream, long version)
    {
        foreach (var location in LocationsOf(stream))
        {
            if (location.Version == version)
                return location.Position;
        }
        return 0;
    }

    public long FindFirstMatch(EventFilter filter, long after) => _matches.GetValueOrDefault((filter, after));

    public string? FindClaim(string scope, string value) => _claims.GetValueOrDefault((scope, value));

    public HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now) =>
        _handled.TryGetValue((scope, id), out var found) && found.Until > now ? found.Answer : null;

    public long GetDocumentVersion(string collection, string key) => _documents.GetValueOrDefault((collection, key));

    /// <summary>Returns true if a consumer's partition has a row.</summary>
    public bool HasCheckpoint(string consumer, int partition) => _checkpoints.ContainsKey((consumer, partition));

    public CheckpointFact GetCheckpoint(string consumer, int partition) =>
        _checkpoints.GetValueOrDefault((consumer, partition));

    public DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key) =>
        _deadLetters.GetValueOrDefault((consumer, partition, position, key));

    private List<EventLocation> LocationsOf(StreamId stream)
    {
        if (_locations.TryGetValue(stream, out var locations))
            return locations;
        _unread.Add(stream);
        return [];
    }
}

/// <summary>The version and position of an event with a known id.</summary>
internal readonly record struct EventLocation(Guid Id, long Version, long Position);
