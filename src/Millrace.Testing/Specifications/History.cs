using System.Reflection;

namespace Millrace.Testing.Specifications;

/// <summary>The earlier events of a specification, as the test specifies them and as a store reads them.</summary>
internal sealed class History(Assembly? typeAssembly)
{
    private readonly List<object> _given = [];
    private readonly List<(StreamId Stream, DateTimeOffset? Time)> _streamsAndTimes = [];

    /// <summary>Gets or sets the stream of the events that are added next.</summary>
    public StreamId Stream { get; set; } = new("test-1");

    /// <summary>
    /// Gets or sets the recorded time of the events that are added next, or null for January 1, 2024.
    /// </summary>
    public DateTimeOffset? Time { get; set; }

    public RoundTrip RoundTrip { get; } = new(typeAssembly);

    /// <summary>Gets the events as the test specifies them.</summary>
    public IReadOnlyList<object> Given => _given;

    public void Add(object[] events)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (var given in events)
            Add(given ?? throw new ArgumentNullException(nameof(events), "An event is null."));
    }

    public void AddStored(string eventType, int schemaVersion, string payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        ArgumentNullException.ThrowIfNull(payload);
        Add(new SerializedEvent(eventType, schemaVersion, payload));
    }

    /// <summary>
    /// Returns the events as their streams record them. Each event must survive a round trip.
    /// </summary>
    /// <exception cref="SpecificationException">An event cannot be stored, or changes when it is stored and
    /// read.</exception>
    public IReadOnlyList<RecordedEvent> Record()
    {
        var recorded = new List<RecordedEvent>(_given.Count);
        var versions = new Dictionary<StreamId, long>();
        for (var i = 0; i < _given.Count; i++)
        {
            var (stream, time) = _streamsAndTimes[i];
            var version = versions[stream] = versions.GetValueOrDefault(stream) + 1;
            recorded.Add(
                RoundTrip.RecordGivenEvent(
                    _given[i], EventLabel(i), stream, new StoredEventPosition(version, i + 1, time)));
        }
        RoundTrip.Join(recorded);
        for (var i = 0; i < _given.Count; i++)
            RoundTrip.RejectDataLoss(recorded[i], _given[i], EventLabel(i));
        return recorded;
    }

    /// <summary>Folds each event as a store reads it.</summary>
    /// <param name="foldName">The name of the fold in messages: <c>the When of Oven</c>.</param>
    /// <param name="fold">Folds an event.</param>
    /// <exception cref="SpecificationException">An event cannot be stored, changes when it is stored and read, or makes
    /// the fold throw.</exception>
    public void Fold(string foldName, Action<object, RecordedEvent> fold) =>
        new GivenEventFold(RoundTrip, foldName).FoldAll(_given, Record(), fold);

    private static string EventLabel(int index) => $"Given event {index + 1}";

    private void Add(object given)
    {
        _given.Add(given);
        _streamsAndTimes.Add((Stream, Time));
    }
}
