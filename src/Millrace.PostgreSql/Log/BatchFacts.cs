using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>The facts that a batch asks about, read beforehand under the log's lock. What was not read, it notes, to be
/// read and decided again.</summary>
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

    /// <summary>The transaction that they were read in, which is to write the batch.</summary>
    public long Transaction { get; set; }

    /// <summary>The collections that the batch writes to, by name, as they stand.</summary>
    public Dictionary<string, Collection> Collections { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts what an append decided on older facts must notice.</summary>
    public long Generation { get; set; }

    /// <summary>The clock of the decision.</summary>
    public DateTimeOffset Now { get; set; }

    public long LastPosition { get; set; }

    public DateTimeOffset LastTimestamp { get; set; } = DateTimeOffset.MinValue;

    public long LastDocumentVersion { get; set; }

    /// <summary>The streams whose events were asked for by id and not read yet.</summary>
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

    /// <summary>Says that the events of a stream with the ids of the batch's appends to it are read now.</summary>
    public void AddStream(StreamId stream)
    {
        _locations[stream] = [];
        _unread.Remove(stream);
    }

    public void AddLocation(StreamId stream, EventLocation place) => _locations[stream].Add(place);

    public StreamHead GetStream(StreamId stream) => _streams.GetValueOrDefault(stream, StreamHead.None);

    // An id that the batch does not ask for is none that it compares with: null says so as well.
    public Guid? FindEventId(StreamId stream, long version)
    {
        foreach (var place in LocationsOf(stream))
        {
            if (place.Version == version)
                return place.Id;
        }
        return null;
    }

    public long FindVersion(StreamId stream, Guid eventId)
    {
        var found = 0L;
        foreach (var place in LocationsOf(stream))
        {
            if (place.Id == eventId && (found == 0 || place.Version < found))
                found = place.Version;
        }
        return found;
    }

    public long GetPosition(StreamId stream, long version)
    {
        foreach (var place in LocationsOf(stream))
        {
            if (place.Version == version)
                return place.Position;
        }
        return 0;
    }

    public long FindFirstMatch(EventFilter filter, long after) => _matches.GetValueOrDefault((filter, after));

    public string? FindClaim(string scope, string value) => _claims.GetValueOrDefault((scope, value));

    public HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now) =>
        _handled.TryGetValue((scope, id), out var found) && found.Until > now ? found.Answer : null;

    public long GetDocumentVersion(string collection, string key) => _documents.GetValueOrDefault((collection, key));

    /// <summary>Whether a consumer's partition has a row.</summary>
    public bool HasCheckpoint(string consumer, int partition) => _checkpoints.ContainsKey((consumer, partition));

    public CheckpointFact GetCheckpoint(string consumer, int partition) =>
        _checkpoints.GetValueOrDefault((consumer, partition));

    public DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key) =>
        _deadLetters.GetValueOrDefault((consumer, partition, position, key));

    private List<EventLocation> LocationsOf(StreamId stream)
    {
        if (_locations.TryGetValue(stream, out var places))
            return places;
        _unread.Add(stream);
        return [];
    }
}

/// <summary>Where an event of a known id stands.</summary>
internal readonly record struct EventLocation(Guid Id, long Version, long Position);
