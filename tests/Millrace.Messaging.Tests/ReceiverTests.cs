using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class ReceiverTests
{
    private const string BillingConsumer = "receive.billing";
    private const string SenderTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();

    private InMemoryTransport Transport => new(_broker);

    [Fact]
    public async Task An_application_handles_a_message_of_another_application()
    {
        await using var billing = await Billing(Bill);
        // The receiver has declared its queue.
        await Eventually.Until(() => billing.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(millrace => millrace.UseInMemoryTransport(
            transport => transport.Publish<Placed>("orders"), _broker));

        await shop.Store.Place("7", total: 40);

        var bill = await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        var placed = await shop.Store.ReadLog(EventFilter.All).FirstAsync();
        Assert.Equal(new Paid("7 for 40"), bill[0].Data);
        Assert.Equal((placed.Id, placed.CorrelationId), (bill[0].CausationId!.Value, bill[0].CorrelationId));
    }

    [Fact]
    public async Task A_message_that_is_delivered_again_is_handled_once()
    {
        await using var billing = await Billing(Bill);
        var message = MessageOf("7", 1);

        await Publish(message, message);
        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        await Publish(message, MessageOf("7", 2), message);

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 2);
        await WaitUntilDrained();
        Assert.Equal(["7 for 1", "7 for 2"], (await Bills(billing)).Select(item => ((Paid)item.Data).Order));
    }

    [Fact]
    public async Task Messages_with_equal_ids_in_different_streams_are_different()
    {
        await using var billing = await Billing(Bill);
        var first = MessageOf("7", 1);

        await Publish(first, MessageOf("8", 2) with { Id = first.Id });

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 2);
    }

    [Fact]
    public async Task A_message_whose_acknowledgement_was_lost_is_handled_once()
    {
        var handled = 0;
        await using var billing = await Billing(async (placed, context, cancel) =>
        {
            await Bill(placed, context, cancel);
            if (placed.Total == 1 && Interlocked.Increment(ref handled) == 1)
                _broker.MakeUnavailable(); // The effect is committed after this, but the acknowledgement fails.
        });
        await Publish(MessageOf("7", 1));
        await Eventually.Until(() => _broker.IsUnavailable);
        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);

        _broker.MakeAvailable();

        await Publish(MessageOf("9", 3));
        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 2);
        await WaitUntilDrained();
        Assert.Equal(["7 for 1", "9 for 3"], (await Bills(billing)).Select(item => ((Paid)item.Data).Order));
    }

    [Fact]
    public async Task A_message_that_cannot_be_handled_is_parked_and_blocks_only_its_key()
    {
        var isMended = false;
        await using var billing = await Billing(
            (placed, context, cancel) =>
                placed.Total < 0 && !Volatile.Read(ref isMended)
                    ? throw new InvalidOperationException("A total cannot be negative.")
                    : Bill(placed, context, cancel));

        await Publish(MessageOf("7", -1), MessageOf("7", 2), MessageOf("8", 3));

        var bills = await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        Assert.Equal("8 for 3", ((Paid)bills[0].Data).Order);
        var letters = await Eventually.Get(() => ReadDeadLetters(billing), static letters => letters is
            [{ State: DeadLetterState.Parked }, { State: DeadLetterState.Waiting }]);
        Assert.Equal("A total cannot be negative.", letters[0].Message);
        await Publish(MessageOf("7", 4)); // Waits for the earlier messages of its key.
        await Eventually.Get(() => ReadDeadLetters(billing), static letters => letters.Count == 3);

        Volatile.Write(ref isMended, true);
        await billing.DeadLetters.Retry(letters[0].Id, new DeadLetterNote("ada", "mended"));

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 4);
        Assert.Equal(
            ["7 for -1", "7 for 2", "7 for 4"],
            (await Bills(billing)).Select(item => ((Paid)item.Data).Order).Where(order => order.StartsWith('7')));
        await Publish(MessageOf("7", 5));
        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 5);
    }

    [Fact]
    public async Task A_blocked_key_remains_blocked_after_a_restart()
    {
        var storage = new InMemoryStorage();
        await using (var first = await Billing((_, _, _) => throw new InvalidOperationException("Broken."), storage))
        {
            await Publish(MessageOf("7", 1));
            await Eventually.Get(
                () => ReadDeadLetters(first), static letters => letters is [{ State: DeadLetterState.Parked }]);
        }
        await using var second = await Billing(Bill, storage);

        await Publish(MessageOf("7", 2), MessageOf("8", 3));

        await Eventually.Get(() => Bills(second), static bills => bills.Count == 1);
        var letters = await Eventually.Get(() => ReadDeadLetters(second), static letters => letters.Count == 2);
        await second.DeadLetters.Retry(letters[0].Id, new DeadLetterNote("ada", "mended"));
        await Eventually.Get(() => Bills(second), static bills => bills.Count == 3);
        Assert.Equal(["8 for 3", "7 for 1", "7 for 2"], (await Bills(second)).Select(item => ((Paid)item.Data).Order));
    }

    [Fact]
    public async Task A_message_that_does_not_match_its_type_is_parked()
    {
        await using var billing = await Billing(Bill);

        await Publish(
            MessageOf("7", 1) with { Body = "no JSON"u8.ToArray() },
            MessageOf("8", 1) with { SchemaVersion = 9 },
            MessageOf("9", 1));

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        var letters = await Eventually.Get(
            () => ReadDeadLetters(billing),
            static letters => letters.Count(letter => letter.State == DeadLetterState.Parked) == 2);
        Assert.All(letters, letter => Assert.Equal(FailureClass.Permanent, letter.Class));
        Assert.All(letters, letter => Assert.StartsWith("Receiver 'billing' cannot read the message", letter.Message));
    }

    [Fact]
    public async Task A_failing_receiver_does_not_affect_other_receivers()
    {
        var handled = 0;
        await using var node = await Node.Start(millrace =>
            millrace.UseInMemoryTransport(
                transport =>
                    transport
                        .Receive(
                            "billing",
                            "orders",
                            receiver => receiver.Handle<Placed>((_, _, _) => throw new InvalidOperationException()))
                        .Receive(
                            "mailing",
                            "orders",
                            receiver =>
                                receiver.Handle<Placed>(
                                    (_, _, _) =>
                                    {
                                        Interlocked.Increment(ref handled);
                                        return ValueTask.CompletedTask;
                                    }
                                )
                        ),
                _broker));

        await Publish([.. Enumerable.Range(0, 50).Select(number => MessageOf($"{number}", number))]);

        await Eventually.Until(() => Volatile.Read(ref handled) == 50);
        await Eventually.Get(
            () =>
                node
                    .DeadLetters.Count(
                        new DeadLetterQuery { Consumer = BillingConsumer, States = [DeadLetterState.Parked] })
                    .AsTask(),
            static count => count == 50);
    }

    [Fact]
    public async Task Handling_continues_the_trace_of_the_sender()
    {
        using var spans = new Spans();
        await using var billing = await Billing(Bill, destination: "traced");

        await Publish("traced", MessageOf("7", 1) with { TraceParent = SenderTrace });

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        await Eventually.Until(() => spans.Of("process traced").Length > 0);
        var handled = spans.Of("process traced")[0];
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", handled.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", handled.ParentSpanId.ToHexString());
        Assert.Empty(handled.Links);
    }

    [Fact]
    public async Task A_late_message_is_only_linked_to_the_trace_of_the_sender()
    {
        using var spans = new Spans();
        await using var billing = await Billing(Bill, destination: "late");

        await Publish(
            "late",
            MessageOf("7", 1) with
            {
                TraceParent = SenderTrace,
                Time = TimeProvider.System.GetUtcNow().AddHours(-1),
            });

        await Eventually.Until(() => spans.Of("process late").Length > 0);
        var handled = spans.Of("process late")[0];
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", handled.Links.Single().Context.TraceId.ToHexString());
        Assert.NotEqual("0af7651916cd43dd8448eb211c80319c", handled.TraceId.ToHexString());
    }

    [Fact]
    public async Task A_message_whose_commit_fails_is_held_without_affecting_the_rest_of_the_batch()
    {
        await using var billing = await Billing(
            (placed, context, _) =>
            {
                var expected = placed.Total < 0 ? ExpectedVersion.Exactly(5) : ExpectedVersion.Any;
                context.Effect.To(
                    StreamId.For("bill", placed.Order), expected, new Paid($"{placed.Order} for {placed.Total}"));
                return ValueTask.CompletedTask;
            }
        );

        await Publish(MessageOf("7", 1), MessageOf("8", -1), MessageOf("9", 2), MessageOf("8", 3), MessageOf("7", 4));

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 3);
        // The next message of the key is held, too.
        await Eventually.Get(() => ReadDeadLetters(billing), static letters => letters.Count == 2);
        await WaitUntilDrained();
        Assert.Equal(
            ["7 for 1", "7 for 4", "9 for 2"],
            (await Bills(billing)).Select(item => ((Paid)item.Data).Order).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_is_acknowledged_after_its_handling_without_waiting_for_the_next_message()
    {
        await using var billing = await Billing(Bill, prefetch: 2);

        await Publish(MessageOf("7", 1)); // Half of the prefetch. The receiver fetches the other half at the same time.

        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 1);
        await WaitUntilDrained();
    }

    /// <summary>
    /// Tests random messages with duplicates, returned messages and lost connections, whose handler sometimes fails.
    /// Each message has its effect once. The effects of a key are in the order of the first deliveries.
    /// </summary>
    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 1)]
    [InlineData(3, 2)] // One message is committed while the next one is received.
    [InlineData(4, 7)]
    [InlineData(5, 40)]
    [InlineData(6, 4)] // Four messages are in progress, each in its own commit.
    [InlineData(7, 16)]
    public async Task Duplicates_lost_connections_and_failures_do_not_change_the_effects(int seed, int prefetch)
    {
        var random = new Random(seed);
        var failing = new Random(seed * 31);
        // Each message fails less often than the maximum of attempts, so no message is parked.
        var failures = new Dictionary<int, int>();
        await using var billing = await Billing(async (placed, context, cancel) =>
        {
            lock (failing)
            {
                if (failing.Next(12) == 0 && failures.GetValueOrDefault(placed.Total) < 2)
                {
                    failures[placed.Total] = failures.GetValueOrDefault(placed.Total) + 1;
                    throw new TimeoutException("The handler fails sometimes.");
                }
            }
            if (placed.Total % 3 == 0)
                await Task.Yield(); // This message is committed alone. The other messages are committed together.
            await Bill(placed, context, cancel);
        }, prefetch: prefetch);
        var sent = new List<Message>();
        for (var number = 0; number < 200; number++)
        {
            var message = MessageOf($"{random.Next(6)}", number);
            sent.Add(message);
            var repeated = Enumerable.Range(0, random.Next(3)).Select(_ => sent[random.Next(sent.Count)]);
            await Publish([message, .. repeated]);
            if (random.Next(20) == 0)
            {
                _broker.MakeUnavailable();
                _broker.MakeAvailable();
            }
        }

        var bills = await Eventually.Get(
            () => Bills(billing), static bills => bills.Count == 200, TimeSpan.FromMinutes(3));
        await WaitUntilDrained();
        foreach (var key in sent.GroupBy(item => item.Key))
        {
            Assert.Equal(
                key.Select(item => $"{key.Key[6..]} for {NumberOf(item)}"),
                bills
                    .Select(item => ((Paid)item.Data).Order)
                    .Where(order => order.StartsWith($"{key.Key[6..]} ", StringComparison.Ordinal)));
        }
        Assert.Equal(200, (await Bills(billing)).Count);
    }

    private static string NumberOf(Message message) =>
        Encoding.UTF8.GetString(message.Body.Span).Split("\"total\":")[1].TrimEnd('}');

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }

    private static async Task<List<RecordedEvent>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-")).ToListAsync();

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(Node node) =>
        [
            .. (await node.DeadLetters.List(new DeadLetterQuery { Consumer = BillingConsumer }))
                .OrderBy(letter => letter.Position),
        ];

    private static Message MessageOf(string order, int total) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Type = "order.placed",
        Source = "shop",
        Subject = $"order-{order}",
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}"""),
    };

    private Task<Node> Billing(
        MessageHandler<Placed> handler,
        IStorage? storage = null,
        string destination = "orders",
        int prefetch = 1_000) =>
        Node.Start(
            millrace =>
                millrace.UseInMemoryTransport(
                    transport =>
                        transport
                            .Receive("billing", destination, receiver => receiver.Handle(handler))
                            .Configure(options => options.Prefetch = prefetch),
                    _broker),
            storage);

    private Task Publish(params IReadOnlyList<Message> messages) => Publish("orders", messages);

    private async Task Publish(string destination, params IReadOnlyList<Message> messages)
    {
        // A receiver that has not started has not declared its queue and would miss messages.
        await Eventually.Get(
            async () => await Transport.Publish([new(destination, messages[0])], Cancel),
            static outcomes => outcomes[0].IsConfirmed);
        if (messages.Count > 1)
            await Transport.Publish(
                [.. messages.Skip(1).Select(next => new OutgoingMessage(destination, next))], Cancel);
    }

    /// <summary>Waits until the broker has no more messages for the receiver.</summary>
    private Task WaitUntilDrained() => Eventually.Until(() => _broker.Waiting("billing") == 0);
}
