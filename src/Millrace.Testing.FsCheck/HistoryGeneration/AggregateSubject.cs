using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Aggregates;
using Millrace.Testing.Code;
using Millrace.Testing.Differences;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>An aggregate under test.</summary>
/// <param name="id">The id of the aggregate; null for a generated one.</param>
internal sealed class AggregateSubject<TAggregate>(object? id) : HistorySubject<TAggregate>(typeof(TAggregate).Assembly)
    where TAggregate : Aggregate
{
    private static readonly ValueDifference OtherSnapshot = new("snapshot", "one", "another");

    public override bool IsShared => false;

    public override string? StartCode => id is null
        ? $"Specification.For<{CSharpCode.NameOf(typeof(TAggregate))}>()"
        : CSharpCode.Of(id) is { } code ? $"Specification.For<{CSharpCode.NameOf(typeof(TAggregate))}>({code})" : null;

    protected override string FoldName => $"the When of {typeof(TAggregate).Name}";

    public override TAggregate Load(IReadOnlyList<RecordedEvent> events)
    {
        var aggregate = id is null
            ? Specification.Create<TAggregate>(RoundTrip)
            : Specification.Create<TAggregate>(RoundTrip, id);
        foreach (var recorded in events)
            aggregate.Load(StreamFold.DataOf(recorded), recorded.Version);
        return aggregate;
    }

    /// <summary>Returns the aggregate itself, which changed when it raised the events.</summary>
    public override TAggregate After(TAggregate subject, IReadOnlyList<object> raised)
    {
        subject.Committed(subject.Version);
        return subject;
    }

    public override JsonNode? ReadPublicState(TAggregate subject) => ValueTree.Of(subject);

    public override JsonElement? ReadState(TAggregate subject)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            subject.WriteStateTo(writer);
            writer.WriteEndObject();
        }
        using var document = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
        return document.RootElement.EnumerateObject().MoveNext() ? document.RootElement.Clone() : null;
    }

    /// <summary>Compares the states and, if the aggregate has snapshots, the snapshots.</summary>
    public override IReadOnlyList<ValueDifference> CompareState(TAggregate live, TAggregate replayed)
    {
        var differences = base.CompareState(live, replayed);
        var definition = Specification.DefinitionOf<TAggregate>(RoundTrip.Model);
        return differences.Count > 0 || definition.SnapshotEvery == 0
            || definition.TakeSnapshot(live).AsSpan().SequenceEqual(definition.TakeSnapshot(replayed))
            ? differences
            : [OtherSnapshot];
    }
}
