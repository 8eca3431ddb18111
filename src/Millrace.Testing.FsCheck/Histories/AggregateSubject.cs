using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>An aggregate that histories are tried on.</summary>
/// <param name="id">Its id; null for one that the kit makes.</param>
internal sealed class AggregateSubject<TAggregate>(object? id) : HistorySubject<TAggregate>(typeof(TAggregate).Assembly)
    where TAggregate : Aggregate
{
    public override bool IsShared => false;

    public override TAggregate Load(IReadOnlyList<object> events)
    {
        var aggregate = id is null
            ? Specification.Create<TAggregate>(Trip)
            : Specification.Create<TAggregate>(Trip, id);
        for (var i = 0; i < events.Count; i++)
            aggregate.Load(events[i], i + 1);
        return aggregate;
    }

    /// <summary>It changed when it raised them.</summary>
    public override TAggregate After(TAggregate subject, IReadOnlyList<object> raised)
    {
        subject.Committed(subject.Version);
        return subject;
    }

    public override JsonNode? Show(TAggregate subject) => ValueTree.Of(subject);

    /// <summary>Whether snapshots of both are the same; true where none are taken.</summary>
    public override bool AreSameInside(TAggregate live, TAggregate replayed)
    {
        var definition = Specification.DefinitionOf<TAggregate>(Trip.Model);
        return definition.SnapshotEvery == 0 || definition.TakeSnapshot(live).AsSpan().SequenceEqual(definition.TakeSnapshot(replayed));
    }
}
