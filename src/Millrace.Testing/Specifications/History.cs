using System.Reflection;

namespace Millrace.Testing;

/// <summary>What happened before, in a specification: events given, and what is read of them.</summary>
internal sealed class History(Assembly? home)
{
    private readonly List<object> _given = [];
    private readonly List<(StreamId Stream, DateTimeOffset? Time)> _places = [];

    /// <summary>Where the events that are added next stand.</summary>
    public StreamId Stream { get; set; } = new("test-1");

    /// <summary>When the events that are added next were recorded; null for the first day of 2024.</summary>
    public DateTimeOffset? Time { get; set; }

    public RoundTrip RoundTrip { get; } = new(home);

    /// <summary>The events as they were given.</summary>
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

    /// <summary>The events as they stand in their streams, each checked to come back as it was.</summary>
    /// <exception cref="SpecificationException">One cannot be stored, or does not come back.</exception>
    public IReadOnlyList<RecordedEvent> Record()
    {
        var recorded = new List<RecordedEvent>(_given.Count);
        var versions = new Dictionary<StreamId, long>();
        for (var i = 0; i < _given.Count; i++)
        {
            var (stream, time) = _places[i];
            var version = versions[stream] = versions.GetValueOrDefault(stream) + 1;
            recorded.Add(
                RoundTrip.RecordGivenEvents(_given[i], What(i), stream, new StoredEventPosition(version, i + 1, time)));
        }
        RoundTrip.Join(recorded);
        for (var i = 0; i < _given.Count; i++)
            RoundTrip.RejectDataLoss(recorded[i], _given[i], What(i));
        return recorded;
    }

    /// <summary>Hands what each is read as to a fold, which must take it.</summary>
    /// <param name="folder">What folds, for the error: <c>the When of Oven</c>.</param>
    /// <param name="fold">Takes it.</param>
    /// <exception cref="SpecificationException">One cannot be stored, does not come back, or makes the fold
    /// throw.</exception>
    public void Fold(string folder, Action<object, RecordedEvent> fold) =>
        new GivenEventFold(RoundTrip, folder).Each(_given, Record(), fold);

    private static string What(int index) => $"Given event {index + 1}";

    private void Add(object given)
    {
        _given.Add(given);
        _places.Add((Stream, Time));
    }
}
