namespace Millrace.Testing;

/// <summary>What holds of an aggregate, and how one is made of its events. Immutable while histories run.</summary>
internal sealed class HistoryRules<TAggregate>(object? id)
    where TAggregate : Aggregate
{
    public RoundTrip Trip { get; } = new(typeof(TAggregate).Assembly);

    public List<(string Name, Func<TAggregate, bool> Holds)> Always { get; } = [];

    /// <summary>What has happened before every history.</summary>
    public List<object> Given { get; } = [];

    /// <summary>The same as it is read back.</summary>
    public IEnumerable<object> ReadGiven() => Given.SelectMany((given, i) => Trip.Read(given, $"Given event {i + 1}"));

    /// <summary>The aggregate as it is loaded from its stream.</summary>
    public TAggregate Create(IReadOnlyList<object> events)
    {
        var aggregate = id is null
            ? Specification.Create<TAggregate>(Trip)
            : Specification.Create<TAggregate>(Trip, id);
        for (var i = 0; i < events.Count; i++)
            aggregate.Load(events[i], i + 1);
        return aggregate;
    }

    /// <summary>Whether snapshots of both are the same; true where none are taken.</summary>
    public bool HaveSameSnapshot(TAggregate live, TAggregate replayed)
    {
        var definition = Specification.DefinitionOf<TAggregate>(Trip.Model);
        return definition.SnapshotEvery == 0 || definition.TakeSnapshot(live).AsSpan().SequenceEqual(definition.TakeSnapshot(replayed));
    }
}
