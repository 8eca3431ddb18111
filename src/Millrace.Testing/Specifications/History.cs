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
        Add(new StoredForm(eventType, schemaVersion, payload));
    }

    /// <summary>The events as they stand in a stream, each checked to come back as it was.</summary>
    /// <exception cref="SpecificationException">One cannot be stored, or does not come back.</exception>
    public IEnumerable<RecordedEvent> Record()
    {
        for (var i = 0; i < _given.Count; i++)
            yield return Record(_given[i], i + 1, _places[i]);
    }

    private void Add(object given)
    {
        _given.Add(given);
        _places.Add((Stream, Time));
    }

    private RecordedEvent Record(object given, int place, (StreamId Stream, DateTimeOffset? Time) at)
    {
        var what = $"Given event {place}";
        RecordedEvent recorded;
        try
        {
            recorded = RoundTrip.Record(given, at.Stream, place, at.Time);
        }
        catch (MillraceException exception)
        {
            throw new SpecificationException($"{what}, {RoundTrip.Show(given)}, cannot be stored: {exception.Message}", exception);
        }
        if (given is not StoredForm)
            RoundTrip.RefuseLoss(recorded, (given as NewEvent)?.Data ?? given, what);
        return recorded;
    }
}
