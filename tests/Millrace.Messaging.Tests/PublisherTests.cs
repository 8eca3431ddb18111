using System.Text;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class PublisherTests
{
    private const string Publisher = "publish.memory";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public async Task An_event_is_published_as_it_is_stored()
    {
        await using var queue = await Subscribe("orders");
        await using var node = await Start(transport =>
            transport.Publish<Placed>("orders").Configure(options => options.Source = "shop"));

        await node.Store.Place("7", total: 40);

        var message = (await queue.Take(1)).Single();
        var recorded = await node.Store.ReadLog(EventFilter.All).FirstAsync();
        Assert.Equal((recorded.Id.ToString(), "order.placed", "shop"), (message.Id, message.Type, message.Source));
        Assert.Equal(("order-7", "order-7", recorded.Timestamp), (message.Subject, message.Key, message.Time));
        Assert.Equal((EventContentType.Json, 1), (message.ContentType, message.SchemaVersion));
        Assert.Equal("""{"order":"7","total":40}""", Encoding.UTF8.GetString(message.Body.Span));
    }

    [Fact]
    public async Task An_event_is_published_exactly_to_the_destinations_of_its_routes()
    {
        await using var orders = await Subscribe("orders");
        await using var audit = await Subscribe("audit");
        await using var node = await Start(transport => transport.Publish("orders", "order.paid").PublishAll("audit"));

        await node.Store.Place("7");
        await node.Store.Pay("7");

        Assert.Equal(["order.placed", "order.paid"], (await audit.Take(2)).Select(item => item.Type));
        Assert.Equal(["order.paid"], (await orders.Take(1)).Select(item => item.Type));
        await node.WaitUntilFinished(Publisher);
        Assert.Equal(0, orders.Remaining);
    }

    [Fact]
    public async Task Internal_events_of_Millrace_are_published_only_by_name()
    {
        await using var failures = await Subscribe("failures");
        await using var audit = await Subscribe("audit");
        await using var node = await Start(transport =>
            transport.Publish("failures", ProcessEvents.StepFailed).PublishAll("audit"));

        var failed = NewEvent.FromBytes(ProcessEvents.StepFailed, """{"step":"pay"}"""u8.ToArray());
        await node.Store.Append(
            new StreamId("process-sale-7"),
            ExpectedVersion.NoStream,
            [failed],
            cancellationToken: Cancel);
        await node.Store.Place("7");

        Assert.Equal("process-sale-7", (await failures.Take(1)).Single().Subject);
        Assert.Equal(["order.placed"], (await audit.Take(1)).Select(item => item.Type));
        await node.WaitUntilFinished(Publisher);
        Assert.Equal((0, 0), (failures.Remaining, audit.Remaining));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Start(transport => transport.Publish("failures", "processes.step-fail")));
    }

    [Fact]
    public async Task Routes_can_come_from_the_configuration()
    {
        await using var orders = await Subscribe("orders");
        await using var audit = await Subscribe("audit");
        await using var node = await Start(_ => { }, settings: new Dictionary<string, string?>
        {
            ["Millrace:Messaging:memory:Publish:orders"] = "order.paid, order.placed",
            ["Millrace:Messaging:memory:Publish:audit"] = "*",
            ["Millrace:Messaging:memory:Format"] = "structured",
        });

        await node.Store.Place("7");

        Assert.Equal("order.placed", (await orders.Take(1)).Single().Type);
        Assert.Equal("order.placed", (await audit.Take(1)).Single().Type);
    }

    [Fact]
    public async Task A_route_for_an_unknown_event_prevents_the_application_from_starting()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Start(transport => transport.Publish("orders", "order.lost")));

        Assert.Contains("'order.lost'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_out_of_range_prevent_the_application_from_starting()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() =>
            Start(transport => transport.Publish<Paid>("orders").Configure(options => options.BatchMessages = 0)));

        Assert.Contains("Millrace:Messaging:memory:BatchMessages", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_of_a_stream_are_published_in_order(bool overlapsKeys)
    {
        await using var orders = await Subscribe("orders");
        await using var node = await Start(
            transport => transport.PublishAll("orders").Configure(options => options.OverlapsKeys = overlapsKeys));

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async order =>
        {
            for (var total = 1; total <= 40; total++)
                await node.Store.Place($"{order}", total);
        }));

        var received = await orders.Take(200);
        Assert.All(received.GroupBy(item => item.Key), ofKey => Assert.Equal(
            Enumerable.Range(1, 40).Select(total => $$"""{"order":"{{ofKey.Key[6..]}}","total":{{total}}}"""),
            ofKey.Select(item => Encoding.UTF8.GetString(item.Body.Span))));
        Assert.Equal(200, received.Select(item => item.Id).Distinct().Count());
    }

    [Fact]
    public async Task The_checkpoint_moves_after_the_confirm_and_an_outage_loses_no_message()
    {
        await using var orders = await Subscribe("orders");
        _broker.MakeUnavailable();
        await using var node = await Start(transport => transport.PublishAll("orders"));
        for (var i = 0; i < 20; i++)
            await node.Store.Place($"{i}");

        var stalled = await Eventually.Get(
            node.Consumers, Publisher, static status => status.State is ConsumerState.Faulted or ConsumerState.Stalled);
        Assert.Equal((20, TransportState.Unavailable), (stalled.LagEvents, node.Transports.List().Single().State));
        _broker.MakeAvailable();

        await node.WaitUntilFinished(Publisher);
        await using var again = await Subscribe("orders");
        Assert.Equal(20, (await again.Take(20)).Select(item => item.Id).Distinct().Count());
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    /// <summary>The command-line tool reads the same lag from the stored checkpoint.</summary>
    [Fact]
    public async Task During_an_outage_only_unconfirmed_events_are_lag_and_no_message_is_repeated()
    {
        var storage = new InMemoryStorage();
        await using var orders = await Subscribe("orders");
        await using var node = await Node.Start(
            millrace =>
                millrace
                    .ConfigureConsumers(options => options.CheckpointEvery = TimeSpan.FromMinutes(1))
                    .UseTransport(
                        InMemoryTransport.Name,
                        _ => new InMemoryTransport(_broker),
                        transport => transport.PublishAll("orders")),
            storage);
        for (var i = 1; i <= 20; i++)
            await node.Store.Place($"{i}");
        await node.WaitUntilFinished(Publisher);
        await orders.Take(20);

        _broker.MakeUnavailable();
        await node.Store.Place("21");
        var stalled = await Eventually.Get(
            node.Consumers, Publisher, static status => status.State == ConsumerState.Stalled);
        Assert.Equal(1, stalled.LagEvents);
        Assert.Contains("is not available", stalled.Error, StringComparison.Ordinal);
        var stored = (await storage.Leases.List(Cancel)).Single(static record => record.Consumer == Publisher);
        Assert.Equal(20, stored.Checkpoint);

        _broker.MakeAvailable();
        await node.WaitUntilFinished(Publisher);
        await using var again = await Subscribe("orders");
        Assert.Equal("order-21", (await again.Take(1)).Single().Key);
        Assert.Equal((0, 0), (again.Remaining, _broker.Waiting("test-orders")));
        await Eventually.Get(
            node.Consumers, Publisher, static status => status is { State: ConsumerState.Live, Error: null });
    }

    [Fact]
    public async Task A_restarted_publisher_continues_after_the_last_confirmation()
    {
        var storage = new InMemoryStorage();
        await using var orders = await Subscribe("orders");
        await using (var first = await Start(transport => transport.PublishAll("orders"), storage))
        {
            await first.Store.Place("1");
            await first.WaitUntilFinished(Publisher);
        }

        await using var second = await Start(transport => transport.PublishAll("orders"), storage);
        await second.Store.Place("2");
        await second.WaitUntilFinished(Publisher);

        Assert.Equal(["order-1", "order-2"], (await orders.Take(2)).Select(item => item.Key));
        Assert.Equal(0, orders.Remaining);
    }

    /// <summary>
    /// Tests that all messages arrive in the order of their streams when two waves overlap and fail. At most one
    /// message of a stream is in flight.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 9)]
    [InlineData(4, 20)]
    [InlineData(5, 1_000)]
    public async Task Two_overlapping_waves_keep_the_order_of_each_stream(int seed, int batchMessages)
    {
        const int Orders = 12;
        const int Each = 25;
        var storage = new InMemoryStorage();
        await using (var before = await Node.Start(_ => { }, storage))
        {
            for (var number = 0; number < Orders * Each; number++)
                await before.Store.Place($"{number * 7 % Orders}", (number / Orders) + 1);
        }
        await using var queue = await Subscribe("orders");
        await using var delayedTransport = new DelayedConfirmTransport(_broker, seed);

        await using var node = await Start(
            transport => transport.PublishAll("orders").Configure(options => options.BatchMessages = batchMessages),
            storage,
            create: () => delayedTransport);
        await node.WaitUntilFinished(Publisher);

        var received = (await queue.Take(_broker.Waiting("test-orders"))).DistinctBy(item => item.Id).ToList();
        Assert.Equal(Orders, received.GroupBy(item => item.Key).Count());
        Assert.All(received.GroupBy(item => item.Key), ofKey => Assert.Equal(
            Enumerable.Range(1, Each).Select(total => $$"""{"order":"{{ofKey.Key[6..]}}","total":{{total}}}"""),
            ofKey.Select(item => Encoding.UTF8.GetString(item.Body.Span))));
        Assert.Equal(1, delayedTransport.MaxInFlightPerKey);
        Assert.InRange(delayedTransport.MaxInFlight, 1, batchMessages);
        Assert.InRange(delayedTransport.MaxConcurrentCalls, 1, 2);
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    /// <summary>
    /// The repeated batch starts with an event of one stream and contains confirmed events of another stream.
    /// </summary>
    [Fact]
    public async Task A_stream_keeps_its_order_when_the_broker_fails_between_two_waves()
    {
        var storage = new InMemoryStorage();
        await using (var before = await Node.Start(_ => { }, storage))
        {
            foreach (var (order, total) in new[] { ("a", 1), ("a", 2), ("z", 1), ("z", 2), ("z", 3) })
                await before.Store.Place(order, total);
        }
        await using var orders = await Subscribe("orders");
        var calls = 0;
        await using var node = await Start(
            transport => transport.PublishAll("orders"),
            storage,
            create: () =>
                new FaultyTransport(_broker)
                {
                    MapSent = sent =>
                        ++calls == 2 ? throw new TransportUnavailableException("memory", "the test stopped it.") : sent,
                }
        );
        await node.WaitUntilFinished(Publisher);

        var received = (await orders.Take(6)).Select(item => Encoding.UTF8.GetString(item.Body.Span)).Distinct();

        Assert.Equal(
            ["1", "2", "3"],
            received.Where(body => body.Contains("\"z\"", StringComparison.Ordinal)).Select(body => body[^2..^1]));
        Assert.Equal(0, orders.Remaining);
    }

    [Fact]
    public async Task An_event_that_the_broker_refuses_is_parked_and_blocks_only_its_stream()
    {
        await using var orders = await Subscribe("orders");
        await using var node = await Start(
            transport => transport.PublishAll("orders"),
            create: () => new InMemoryTransport(_broker, maxBodyBytes: 100));
        await node.Store.Append(Shop.StreamOf("1"), ExpectedVersion.Any, [new Placed(new string('x', 200), 1)]);
        await node.Store.Pay("1");
        await node.Store.Place("2");

        Assert.Equal("order-2", (await orders.Take(1)).Single().Key);
        await node.WaitUntilFinished(Publisher);

        var letters = await node.DeadLetters.List(new DeadLetterQuery { Consumer = Publisher });
        Assert.Equal(
            [("order.placed", DeadLetterState.Parked), ("order.paid", DeadLetterState.Waiting)],
            letters.OrderBy(letter => letter.Position).Select(letter => (letter.EventType, letter.State)));
        var parked = letters.Single(letter => letter.State == DeadLetterState.Parked);
        Assert.Contains("at most 100 are allowed", parked.Message, StringComparison.Ordinal);
        await node.DeadLetters.Skip(parked.Id, new DeadLetterNote("test", "too large"));
        Assert.Equal("order.paid", (await orders.Take(1)).Single().Type);
    }

    [Fact]
    public async Task An_undeliverable_message_is_retried_and_parked_unless_allowed()
    {
        await using var strict = await Start(transport => transport.PublishAll("orders"));
        await using var careless = await Start(
            transport => transport.PublishAll("orders").Configure(options => options.AllowsUnroutable = true));
        await strict.Store.Place("1");
        await careless.Store.Place("1");

        await strict.WaitUntilFinished(Publisher);
        await careless.WaitUntilFinished(Publisher);

        var parked = await Eventually.Get(
            () => strict.DeadLetters.List(new DeadLetterQuery { Consumer = Publisher }).AsTask(),
            static letters => letters is [{ State: DeadLetterState.Parked }]);
        Assert.Contains("reaches no receiver", parked[0].Message, StringComparison.Ordinal);
        Assert.Equal(0, await careless.DeadLetters.Count(new DeadLetterQuery()));
    }

    [Fact]
    public async Task A_broker_that_never_answers_is_unavailable_after_the_timeout()
    {
        await using var node = await Start(
            transport =>
                transport
                    .PublishAll("orders")
                    .Configure(options => options.ConfirmTimeout = TimeSpan.FromMilliseconds(100)),
            create: () => new SilentTransport());
        await node.Store.Place("1");

        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Unavailable);

        Assert.Contains("did not answer within", node.Transports.List().Single().Problem, StringComparison.Ordinal);
        Assert.Equal(1, (await node.Consumers.Get(Publisher)).LagEvents);
    }

    [Fact]
    public async Task A_message_published_directly_is_confirmed_when_the_call_returns()
    {
        await using var orders = await Subscribe("orders");
        await using var node = await Start(transport => transport.PublishAll("audit"));
        var message = new Message { Id = "1", Type = "stock.asked", Body = "{}"u8.ToArray() };

        await node.Transports.Publish("memory", "orders", message);

        Assert.Equal("stock.asked", (await orders.Take(1)).Single().Type);
        await Assert.ThrowsAsync<MessageUnroutableException>(() =>
            node.Transports.Publish("memory", "nowhere", message).AsTask());
        await Assert.ThrowsAsync<InvalidNameException>(() =>
            node.Transports.Publish("memory", "no where", message).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() =>
            node.Transports.Publish("pigeon", "orders", message).AsTask());
        _broker.MakeUnavailable();
        await Assert.ThrowsAsync<TransportUnavailableException>(() =>
            node.Transports.Publish("memory", "orders", message).AsTask());
    }

    private Task<Node> Start(
        Action<TransportBuilder> configure,
        IStorage? storage = null,
        IReadOnlyDictionary<string, string?>? settings = null,
        Func<ITransport>? create = null) =>
        Node.Start(
            millrace =>
                millrace.UseTransport(
                    InMemoryTransport.Name, _ => create?.Invoke() ?? new InMemoryTransport(_broker), configure),
            storage,
            settings);

    private async Task<Listener> Subscribe(string destination)
    {
        var transport = new InMemoryTransport(_broker);
        var subscription = new Subscription($"test-{destination}", destination);
        await transport.Declare(new TransportTopology([destination], [subscription]), Cancel);
        return new Listener(await transport.Receive(subscription, Cancel));
    }
}
