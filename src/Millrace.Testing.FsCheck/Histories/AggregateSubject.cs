using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>An aggregate that histories are tried on.</summary>
/// <param name="id">Its id; null for one that the kit makes.</param>
internal sealed class AggregateSubject<TAggregate>(object? id) : HistorySubject<TAggregate>(typeof(TAggregate).Assembly)
    where TAggregate : Aggregate
{
    private static readonly ValueDifference OtherSnapshot = new("snapshot", "one", "another");

    public override bool IsShared => false;

    public override string? Beginning => id is null
        ? $"Specification.For<{CSharpCode.NameOf(typeof(TAggregate))}>()"
        : CSharpCode.Of(id) is { } made ? $"Specification.For<{CSharpCode.NameOf(typeof(TAggregate))}>({made})" : null;

    protected override string Folder => $"the When of {typeof(TAggregate).Name}";

    public override TAggregate Load(IReadOnlyList<RecordedEvent> events)
    {
        var aggregate = id is null
            ? Specification.Create<TAggregate>(Trip)
            : Specification.Create<TAggregate>(Trip, id);
        foreach (var recorded in events)
            aggregate.Load(StreamFold.DataOf(recorded), recorded.Version);
        return aggregate;
    }

    /// <summary>It changed when it raised them.</summary>
    public override TAggregate After(TAggregate subject, IReadOnlyList<object> raised)
    {
        subject.Committed(subject.Version);
        return subject;
    }

    public override JsonNode? Show(TAggregate subject) => ValueTree.Of(subject);

    public override JsonElement? Tell(TAggregate subject)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            subject.WriteStateTo(writer);
            writer.WriteEndObject();
        }
        using var told = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
        return told.RootElement.EnumerateObject().MoveNext() ? told.RootElement.Clone() : null;
    }

    /// <summary>Snapshots of both, where any are taken, are the same as well.</summary>
    public override IReadOnlyList<ValueDifference> CompareState(TAggregate live, TAggregate replayed)
    {
        var differences = base.CompareState(live, replayed);
        var definition = Specification.DefinitionOf<TAggregate>(Trip.Model);
        return differences.Count > 0 || definition.SnapshotEvery == 0
            || definition.TakeSnapshot(live).AsSpan().SequenceEqual(definition.TakeSnapshot(replayed))
            ? differences
            : [OtherSnapshot];
    }
}
