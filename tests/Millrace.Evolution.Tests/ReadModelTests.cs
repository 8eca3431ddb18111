namespace Millrace.Tests;

/// <summary>
/// Tests that aggregates, read models and consumers receive only current event types, also for events of older builds.
/// </summary>
public sealed class ReadModelTests : IDisposable
{
    private static readonly Guid[] Orders =
    [
        .. Enumerable.Range(1, 40).Select(number => new Guid(number, 0, 0, new byte[8])),
    ];

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_aggregate_applies_the_parts_of_old_events_and_has_the_version_of_its_stream()
    {
        await StoreBefore(Orders[0]);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        var order = await after.Aggregates.Load<After.Order, After.OrderId>(new(Orders[0]));
        order.Ship(After.Carrier.Van);
        var saved = await after.Aggregates.Save<After.Order, After.OrderId>(order);

        Assert.Equal((new After.Money(1m, "GBP"), "Mill Lane 1", "card"), (order.Total, order.Address, order.Method));
        Assert.Equal(6, saved!.Value.Version);
    }

    [Fact]
    public async Task Live_and_rebuilt_read_models_are_equal_and_pass_their_checks()
    {
        await StoreBefore(Orders);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var token = default(ConsistencyToken);
        foreach (var order in Orders)
            token = await after.Append(
                order, new After.OrderNoted(new(order), ["now"]), new After.OrderPaid(new(order), "r2", "cash"));
        var live = await Documents(after, token);

        foreach (var collection in new[] { "orders@2", "addresses@1", "orders-now@1" })
        {
            var check = await after.Projections.Check(collection, Deployment.WaitTimeout);
            Assert.True(check.IsSound, $"{collection}: {string.Join("; ", check.Differences)}");
            Assert.True(check.Compared > 0);
        }
        await after.Projections.Rebuild("orders@2");
        await after.Projections.Rebuild("addresses@1");
        var rebuilt = await Documents(after, token);

        Assert.Equal(live, rebuilt);
        Assert.Contains(live, document => document.Contains("Mill Lane 1", StringComparison.Ordinal));
        Assert.Contains(live, document => document.Contains("Lines = 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_inline_read_model_folds_the_parts_of_events_of_an_older_build()
    {
        await StoreBefore(Orders[1]);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        var token = await after.Append(Orders[1], new After.AddressGiven(new(Orders[1]), "Weir Road 2"));
        var row = await after.Model<After.OrderId, After.OrderRow>("orders-now").Get(new(Orders[1]), token);

        Assert.Equal(
            new After.OrderRow(new(Orders[1]), new(1m, "GBP"), "Weir Road 2", "r1 by card", null, 0), row.Value);
    }

    [Fact]
    public async Task A_consumer_receives_only_the_parts_of_its_subscribed_types()
    {
        await StoreBefore(Orders[2]);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<(object Data, long Position)>();
        await using var after = await Deployment.Of<After.Shop>(_file.Path, millrace => millrace.AddConsumer(
            "post", EventFilter.OfTypes("order.address-given"), (recorded, _) =>
            {
                seen.Enqueue((recorded.Data, recorded.Position));
                return ValueTask.CompletedTask;
            }));

        var id = new After.OrderId(Orders[2]);
        var token = await after.Append(
            Orders[2], new After.OrderPlaced(id, new(5m, "EUR")), new After.AddressGiven(id, "Weir Road 2"));
        Assert.True(await after.Consumers.WaitFor("post", token, Deployment.WaitTimeout));

        Assert.Equal(
            [(new After.AddressGiven(id, "Mill Lane 1"), 1L), (new After.AddressGiven(id, "Weir Road 2"), 7L)],
            seen);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_key_function_of_a_consumer_receives_only_its_subscribed_types(bool isBatch)
    {
        await StoreBefore(Orders[3], Orders[4]);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<After.AddressGiven>();
        ValueTask Take(RecordedEvent recorded, CancellationToken cancellationToken)
        {
            seen.Enqueue((After.AddressGiven)recorded.Data);
            return ValueTask.CompletedTask;
        }
        var filter = EventFilter.OfTypes("order.address-given");
        var post = isBatch
            ? ConsumerDefinition.Batch("post", filter, async (events, cancellation) =>
            {
                foreach (var recorded in events)
                    await Take(recorded, cancellation);
            })
            : ConsumerDefinition.Each("post", filter, Take);
        await using var after = await Deployment.Of<After.Shop>(_file.Path, millrace => millrace.AddConsumer(
            _ => post.ByKey(recorded => ((After.AddressGiven)recorded.Data).Address)));

        var token = await after.Append(
            Orders[4], new After.OrderPlacedV1(new(Orders[4]), 2m), new After.AddressGiven(new(Orders[4]), "C"));

        Assert.True(await after.Consumers.WaitFor("post", token, Deployment.WaitTimeout));
        var addresses = seen.Select(given => given.Address);
        // Single events with different keys are handled concurrently, so their order is not fixed.
        Assert.Equal(["C", "Mill Lane 1", "Mill Lane 1"], addresses.Order(StringComparer.Ordinal));
        if (isBatch)
            Assert.Equal(["Mill Lane 1", "Mill Lane 1", "C"], addresses);
        Assert.Equal(0, (await after.Consumers.Get("post", CancellationToken.None)).OpenDeadLetters);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Parts_of_an_event_fail_and_are_retried_by_their_own_keys(int workers)
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var fails = true;
        await using var after = await Deployment.Of<After.Shop>(
            _file.Path,
            millrace =>
                millrace
                    .ConfigureConsumers(options => options.Workers = workers)
                    .AddConsumer(_ =>
                        ConsumerDefinition
                            .Each(
                                "keys",
                                EventFilter.OfTypes("order.placed", "order.address-given"),
                                (recorded, _) =>
                                {
                                    if (recorded.Data is After.AddressGiven && Interlocked.Exchange(ref fails, false))
                                        throw new InvalidOperationException("the first time");
                                    seen.Enqueue(recorded.Data.GetType().Name);
                                    return ValueTask.CompletedTask;
                                }
                            )
                            .ByKey(recorded => recorded.Data.GetType().Name)));

        await after.Append(Orders[5], new After.OrderPlacedV1(new(Orders[5]), 1m, "Mill Lane 1"));
        await after.WaitUntil("keys", status => seen.Count == 2 && status.OpenDeadLetters == 0);

        Assert.Equal(["OrderPlaced", "AddressGiven"], seen);
    }

    [Fact]
    public async Task A_reader_of_an_event_name_receives_only_the_parts_of_that_name()
    {
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var id = new After.OrderId(Orders[6]);
        await after.Append(
            Orders[6], new After.OrderPlacedV1(id, 1m, "Mill Lane 1"), new After.AddressGiven(id, "Weir Road 2"));
        await after.Append(Orders[6], Stored("order.created", 1, $$"""{"order":"{{Orders[6]}}","total":1,"address":"A"}"""));
        // A newer build stored these events and declared that this build can read them. It reads the first as no event
        // and the second without unknown members.
        await after.Append(Orders[6], Stored("order.viewed", 2, $$"""{"order":"{{Orders[6]}}"}""", readableBy: 1));
        var json = $$$"""{"order":"{{{Orders[6]}}}","total":{"amount":1,"currency":"GBP"}}""";
        await after.Append(Orders[6], Stored("order.placed", 4, json, readableBy: 3));

        Assert.Equal(["OrderPlaced", "OrderPlaced", "OrderPlaced"], await Replayed(after, "order.placed"));
        Assert.Equal(["AddressGiven", "AddressGiven", "AddressGiven"], await Replayed(after, "order.address-given"));
        Assert.Equal(["OrderPlaced", "AddressGiven"], await Replayed(after, "order.created"));
    }

    [Fact]
    public async Task Conditions_and_counts_include_a_former_name_whose_events_are_split()
    {
        await StoreBefore(Orders[7]);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var placed = EventFilter.OfTypes("order.placed");

        var late = new AppendRequest()
            .To(
                Deployment.StreamOf(Orders[7]),
                ExpectedVersion.Any,
                new After.OrderPlaced(new(Orders[7]), new(1m, "GBP")))
            .OnlyIf(new(placed, after: 0));

        Assert.Equal(1, await after.Store.Count(placed));
        await Assert.ThrowsAsync<ConditionFailedException>(() => after.Store.Append(late));
        Assert.Equal(0, await after.Store.Count(EventFilter.OfTypes("order.address-given")));
    }

    private static async Task<List<string>> Replayed(Deployment deployment, string name)
    {
        var seen = new List<string>();
        await deployment.Store.Replay(EventFilter.OfTypes(name), (recorded, _) =>
        {
            seen.Add(recorded.Data.GetType().Name);
            return ValueTask.CompletedTask;
        });
        return seen;
    }

    private static NewEvent Stored(string type, int version, string json, int? readableBy = null) =>
        NewEvent.FromBytes(type, System.Text.Encoding.UTF8.GetBytes(json)) with
        {
            SchemaVersion = version,
            Metadata = EventMetadata.Empty with { ReadableBy = readableBy },
        };

    private static async Task<List<string>> Documents(Deployment after, ConsistencyToken token)
    {
        var documents = new List<string>();
        foreach (var order in Orders)
            documents.Add(
                (await after.Model<After.OrderId, After.OrderRow>("orders").Get(new(order), token)).Value!.ToString());
        documents.Add(
            (await after.Model<string, After.AddressBook>("addresses").Get("Mill Lane 1", token)).Value!.ToString());
        return documents;
    }

    private async Task StoreBefore(params Guid[] orders)
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        foreach (var order in orders)
        {
            await before.Append(
                order,
                new Before.OrderCreated(order, 1m, "Mill Lane 1"),
                new Before.OrderViewed(order),
                new Before.OrderNoted(order, "one\ntwo"),
                new Before.OrderPaid(order, "r1"),
                new Before.OrderViewed(order));
        }
    }
}
