using Millrace.Storage;

namespace Millrace.Testing.Conformance.Scheduling;

/// <summary>
/// A stream of the reference store (<see cref="StoreModel"/>), with all events that were ever appended.
/// </summary>
internal sealed class ModelStream
{
    public List<ModelEvent> Events { get; } = [];

    public long FirstVersion { get; set; } = 1;

    public StreamState State { get; set; }

    public long Version => Events.Count;

    public long VisibleVersion => State == StreamState.Open ? Version : 0;

    public StreamHead Head => new(Version, FirstVersion, State);

    /// <summary>
    /// Searches the stream for the events of an append, by their ids. Returns the version of the first event if all
    /// events exist in order, and otherwise 0. Also returns whether only the first events exist.
    /// </summary>
    public (long FirstVersion, bool IsPartly) Find(StreamAppend append)
    {
        if (State != StreamState.Open)
            return (0, false);
        var first = append.Expected.IsExact
            ? append.Expected.Version > 0 ? append.Expected.Version + 1 : FirstVersion
            : Events.FindIndex(one => !one.IsRemoved && one.Encoded.Id == append.Events[0].Id) + 1;
        if (first == 0 || IdAt(first) != append.Events[0].Id)
            return (0, false);
        for (var i = 1; i < append.Events.Count; i++)
        {
            if (IdAt(first + i) != append.Events[i].Id)
                return (0, true);
        }
        return (first, false);
    }

    private Guid? IdAt(long version) =>
        version <= Version && !Events[(int)version - 1].IsRemoved ? Events[(int)version - 1].Encoded.Id : null;
}

/// <summary>An event of the reference store.</summary>
internal sealed record ModelEvent(
    StreamId Stream, long Version, long Position, DateTimeOffset Timestamp, EncodedEvent Encoded)
{
    public bool IsRemoved { get; set; }

    public bool Matches(EventFilter filter) => filter.Matches(new RecordedEvent
    {
        Id = Encoded.Id,
        Stream = Stream,
        Version = Version,
        Position = Position,
        Timestamp = Timestamp,
        Type = Encoded.Type,
        Payload = Encoded.Payload,
        Source = Encoded.Source,
        CorrelationId = Encoded.CorrelationId,
        Tags = Encoded.Tags,
    });
}
