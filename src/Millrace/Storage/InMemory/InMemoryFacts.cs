namespace Millrace.Storage.InMemory;

/// <summary>Reads the facts of a batch. The caller must hold the write lock.</summary>
internal sealed class InMemoryFacts(InMemoryData data) : ICommitFacts
{
    public long LastPosition => data.Events.LastPosition;

    public DateTimeOffset LastTimestamp => data.Events.LastTimestamp;

    public StreamHead GetStream(StreamId stream) => data.Streams.GetHead(stream);

    public Guid? FindEventId(StreamId stream, long version) =>
        data.Events.Find(GetPosition(stream, version))?.Encoded.Id;

    public long FindVersion(StreamId stream, Guid eventId) => data.Events.FindById(eventId, stream)?.Version ?? 0;

    public long GetPosition(StreamId stream, long version) => data.Streams.Find(stream)?.PositionOf(version) ?? 0;

    public long FindFirstMatch(EventFilter filter, long after) =>
        data.Events.FindNext(filter, data.Events.CandidatesOf(filter), after + 1)?.Position ?? 0;

    public string? FindClaim(string scope, string value) => data.Claims.GetValueOrDefault((scope, value));

    public HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now) => data.Handled.Find(scope, id, now);

    public long LastDocumentVersion => data.LastDocumentVersion;

    public long GetDocumentVersion(string collection, string key) =>
        data.Collections.TryGetValue(collection, out var found) ? found.Find(key)?.Document.Version ?? 0 : 0;

    public DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key) =>
        data.DeadLetters.Find(consumer, partition, position, key) is { } row
            ? new DeadLetterFact(row.Id, row.Revision)
            : default;

    public CheckpointFact GetCheckpoint(string consumer, int partition) =>
        data.Consumers.Find(consumer, partition) is { } record
            ? new CheckpointFact(record.LeaseEpoch, record.Checkpoint)
            : default;
}
