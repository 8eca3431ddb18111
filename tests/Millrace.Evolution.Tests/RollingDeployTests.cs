using System.Text;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of two builds with different versions of the model that run concurrently on one file.</summary>
public sealed class RollingDeployTests : IDisposable
{
    private static readonly Guid First = new(1, 0, 0, new byte[8]);
    private static readonly Guid Second = new(2, 0, 0, new byte[8]);

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Each_build_updates_its_read_models_with_the_events_of_both_builds()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        await before.Append(First, new Before.OrderCreated(First, 3m, "Mill Lane 1"));
        await after.Append(First, new After.OrderPaid(new(First), "r1", "cash"));
        await after.Append(
            Second, new After.OrderPlaced(new(Second), new(4m, "EUR")), new After.OrderPaid(new(Second), "r2", "card"));
        var token = await before.Append(Second, new Before.OrderNoted(Second, "one\ntwo"));

        var old = before.Model<Guid, Before.OrderRow>("orders");
        Assert.Equal(new Before.OrderRow(First, 3m, "Mill Lane 1", "r1", null, 0), (await old.Get(First, token)).Value);
        Assert.Equal(new Before.OrderRow(Second, 0m, null, "r2", null, 1), (await old.Get(Second, token)).Value);
        var now = after.Model<After.OrderId, After.OrderRow>("orders");
        Assert.Equal(
            new After.OrderRow(new(First), new(3m, "GBP"), "Mill Lane 1", "r1 by cash", null, 0),
            (await now.Get(new(First), token)).Value);
        Assert.Equal(
            new After.OrderRow(new(Second), new(4m, "EUR"), null, "r2 by card", null, 2),
            (await now.Get(new(Second), token)).Value);
    }

    [Fact]
    public async Task A_newer_version_with_additional_members_is_read_by_the_older_build()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        await after.Append(First, new After.OrderPaid(new(First), "r1", "cash"));
        var recorded = Assert.Single(await before.Read(First));
        var order = await before.Aggregates.Load<Before.Order, Guid>(First);

        Assert.Equal((2, new Before.OrderPaid(First, "r1")), (recorded.SchemaVersion, recorded.Data));
        Assert.True(order.IsPaid);
    }

    [Fact]
    public async Task The_older_build_does_not_load_an_aggregate_with_events_it_cannot_read()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        await after.Append(First, new After.OrderPlaced(new(First), new(4m, "EUR")));
        await after.Append(Second, new After.OrderShipped(new(Second), After.Carrier.Van));

        foreach (var (order, version) in new[] { (First, 3), (Second, 2) })
        {
            var refused = await Assert.ThrowsAsync<CannotDeserializeException>(
                async () => await before.Aggregates.Load<Before.Order, Guid>(order));
            Assert.Equal(version, refused.SchemaVersion);
        }
    }

    [Fact]
    public async Task An_event_that_the_older_build_cannot_read_blocks_its_stream_in_that_build()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        await before.Append(First, new Before.OrderCreated(First, 3m));

        await after.Append(First, new After.OrderShipped(new(First), After.Carrier.Van));
        await before.Append(First, new Before.OrderNoted(First, "waits"));
        var token = await before.Append(Second, new Before.OrderCreated(Second, 5m));
        Assert.Equal(5m, (await before.Model<Guid, Before.OrderRow>("orders").Get(Second, token)).Value!.Total);

        Assert.Equal(
            new Before.OrderRow(First, 3m, null, null, null, 0),
            (await before.Model<Guid, Before.OrderRow>("orders").Get(First, token)).Value);
        var letters = await ReadDeadLetters("orders@1");
        Assert.Equal([2L, 3L], letters.Select(letter => letter.Position));
        Assert.Contains("schema version 2", letters[0].Message, StringComparison.Ordinal);
        Assert.Equal(
            After.Carrier.Van,
            (await after.Model<After.OrderId, After.OrderRow>("orders").Get(new(First), token)).Value!.Carrier);
    }

    [Fact]
    public async Task Unknown_members_are_preserved_when_a_build_writes_the_event_again()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        var json = $$$"""{"order":"{{{First}}}","text":"old","language":"en","by":{"name":"Ada","years":[1,2.50]}}""";
        await before.Append(First, NewEvent.FromBytes("order.noted", Encoding.UTF8.GetBytes(json)));

        var noted = (Before.OrderNoted)(await before.Read(First))[0].Data;
        await before.Append(First, noted with { Text = "new" });

        var again = Encoding.UTF8.GetString((await before.Read(First))[1].Payload.Span);
        Assert.Equal(json.Replace("old", "new", StringComparison.Ordinal), again);
    }

    [Fact]
    public async Task A_preserved_member_with_the_name_of_a_known_member_is_refused()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        var kept = System.Text.Json.JsonDocument.Parse("""{"text":"kept","more":1}""").RootElement.EnumerateObject()
            .ToDictionary(member => member.Name, member => member.Value);

        var refused = await Assert.ThrowsAsync<CannotSerializeException>(
            () => before.Append(First, new Before.OrderNoted(First, "own") { More = kept }));

        Assert.Contains("'text'", refused.Message, StringComparison.Ordinal);
        kept.Remove("text");
        await before.Append(First, new Before.OrderNoted(First, "own") { More = kept });
        Assert.Equal(
            $$"""{"order":"{{First}}","text":"own","more":1}""", Encoding.UTF8.GetString((await before.Read(First))[0].Payload.Span));
    }

    [Fact]
    public async Task A_renamed_event_reaches_every_consumer_when_a_build_that_reads_both_names_is_deployed_first()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<object>();
        await using (var before = await Deployment.Of<Gates.Before>(_file.Path, RecordingConsumer(seen, "gate.open")))
            await AppendAndWait(before, new Gates.GateOpened(1));

        await using (var between = await Deployment.Of<Gates.Between>(_file.Path, RecordingConsumer(seen, "gate.open")))
        {
            await using var after = await Deployment.Of<Gates.After>(_file.Path);
            await AppendAndWait(between, new Gates.GateOpened(2));
            await after.Append(First, new Gates.GateOpened(3));
            await AppendAndWait(between, new Gates.GateOpened(4));
        }
        await using (var last = await Deployment.Of<Gates.After>(_file.Path, RecordingConsumer(seen, "gate.opened")))
            await AppendAndWait(last, new Gates.GateOpened(5));

        Assert.Equal([1, 2, 3, 4, 5], seen.Cast<Gates.GateOpened>().Select(opened => opened.At));
    }

    [Fact]
    public async Task A_build_skips_events_with_an_unknown_name()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<object>();
        await using (var before = await Deployment.Of<Gates.Before>(_file.Path, RecordingConsumer(seen, "gate.open")))
        {
            await using var after = await Deployment.Of<Gates.After>(_file.Path);
            await after.Append(First, new Gates.GateOpened(1));
            await AppendAndWait(before, new Gates.GateOpened(2));
        }

        Assert.Equal([new Gates.GateOpened(2)], seen);
    }

    [Fact]
    public async Task Copied_metadata_does_not_change_which_builds_can_read_an_event()
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        await after.Append(First, new After.OrderPaid(new(First), "r1", "cash"));
        var copied = (await after.Read(First))[0].Metadata;

        await after.Append(
            First,
            new NewEvent(new After.OrderShipped(new(First), After.Carrier.Van)) { Metadata = copied },
            new NewEvent(new After.OrderPaid(new(First), "r2", "cash")) { Metadata = EventMetadata.Empty });

        Assert.Equal([1, null, 1], (await after.Read(First)).Select(recorded => recorded.Metadata.ReadableBy));
        Assert.IsType<UnreadableEvent>((await before.Read(First))[1].Data);
    }

    private static Action<MillraceBuilder> RecordingConsumer(
        System.Collections.Concurrent.ConcurrentQueue<object> seen, string name) =>
        millrace =>
            millrace.AddConsumer(
                "keeper",
                EventFilter.OfTypes(name),
                (recorded, _) =>
                {
                    seen.Enqueue(recorded.Data);
                    return ValueTask.CompletedTask;
                }
            );

    /// <summary>Appends an event and waits until the consumer has passed its position.</summary>
    private static async Task AppendAndWait(Deployment deployment, object data)
    {
        var token = await deployment.Append(First, data);
        Assert.True(await deployment.Consumers.WaitFor("keeper", token, Deployment.WaitTimeout));
    }

    private async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(string consumer)
    {
        await using var storage = new SqliteStorage(_file.Path);
        await storage.Open(CancellationToken.None);
        return await storage.DeadLetters.List(new DeadLetterQuery { Consumer = consumer }, CancellationToken.None);
    }
}
