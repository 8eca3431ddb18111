using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of documents for streams whose names an earlier version created.</summary>
public sealed class StreamKeyTests
{
    private static readonly DateTime Day = new(2026, 1, 1);

    private sealed class DayProjection : Projection<DateTime, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<DateTime> keys) =>
            keys.Add(KeyText.Parse<DateTime>(recorded.Stream.Key));

        protected internal override Cargo Fold(DateTime key, Cargo? document, RecordedEvent recorded) =>
            new("", 0, (document?.Changes ?? 0) + 1, 0);
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline)]
    [InlineData(ProjectionLifecycle.Live)]
    public async Task A_stream_named_by_an_earlier_version_has_its_document(ProjectionLifecycle lifecycle)
    {
        var definition = new ProjectionDefinition<DateTime, Cargo>
        {
            Name = "days",
            Version = 1,
            Lifecycle = lifecycle,
            Stream = "day",
            Events = [typeof(Loaded)],
            Create = static () => new DayProjection(),
            Document = HarbourJson.Default.Cargo,
        };
        await using var node = await TestNode.Start(new InMemoryStorage(), host => TestNode.Add(host, definition));
        var model = definition.CreateReadModel(node.Host);

        await node.Store.Append(
            new StreamId("day-01/01/2026 00:00:00"),
            ExpectedVersion.Any,
            [new Loaded("a", 1), new Loaded("a", 1)]);
        var token = (
            await node.Store.Append(StreamId.For("day", Day.AddTicks(1)), ExpectedVersion.Any, [new Loaded("a", 1)])
        ).Token;

        Assert.Equal(2, (await model.Get(Day, token)).Value!.Changes);
        Assert.Equal(1, (await model.Get(Day.AddTicks(1), token)).Value!.Changes);
        Assert.Null((await model.Get(Day.AddTicks(2), token)).Value);
        var both = (await model.GetMany([Day, Day.AddTicks(1)], token)).Value!;
        Assert.Equal((2, 1), (both[Day].Changes, both[Day.AddTicks(1)].Changes));
        if (lifecycle == ProjectionLifecycle.Inline)
            Assert.Empty(
                (
                    await new Projections(node.Host, [definition]).Check(definition.Collection, TestNode.WaitTimeout)
                ).Differences);
    }
}
