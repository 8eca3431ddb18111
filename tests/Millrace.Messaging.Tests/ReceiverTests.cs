using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class ReceiverTests
{
    private const string Held = "receive.billing";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();

    private InMemoryTransport Transport => new(_broker);

    [Fact]
    public async Task What_one_application_publishes_another_handles()
    {
        await using var billing = await Billing(Bill);
        // It is declared.
        await Eventually.Holds(() => billing.Transports.List().Single().State == TransportState.Connected);
        await using var shop = await Node.Start(millrace => millrace.UseInMemoryTransport(
            transport => transport.Publish<Placed>("orders"), _broker));

        await shop.Store.Place("7", total: 40);

        var bill = await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        var placed = await shop.Store.ReadLog(EventFilter.All).FirstAsync();
        Assert.Equal(new Paid("7 for 40"), bill[0].Data);
        Assert.Equal((placed.Id, placed.CorrelationId), (bill[0].CausationId!.Value, bill[0].CorrelationId));
    }

    [Fact]
    public async Task A_message_that_comes_again_has_its_effect_once()
    {
        await using var billing = await Billing(Bill);
        var message = MessageOf("7", 1);

        await Publish(message, message);
        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        await Publish(message, MessageOf("7", 2), message);

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 2);
        await Drained();
        Assert.Equal(["7 for 1", "7 for 2"], (await Bills(billing)).Select(one => ((Paid)one.Data).Order));
    }

    [Fact]
    public async Task Ids_that_are_the_same_in_different_streams_are_different_messages()
    {
        await using var billing = await Billing(Bill);
        var first = MessageOf("7", 1);

        await Publish(first, MessageOf("8", 2) with { Id = first.Id });

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 2);
    }

    [Fact]
    public async Task A_message_whose_acknowledgement_was_lost_has_its_effect_once()
    {
        var handled = 0;
        await using var billing = await Billing(async (placed, context, cancel) =>
        {
            await Bill(placed, context, cancel);
            if (placed.Total == 1 && Interlocked.Increment(ref handled) == 1)
                _broker.GoAway(); // The effect is committed after this, and the broker cannot be notified.
        });
        await Publish(MessageOf("7", 1));
        await Eventually.Holds(() => _broker.IsAway);
        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);

        _broker.ComeBack();

        await Publish(MessageOf("9", 3));
        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 2);
        await Drained();
        Assert.Equal(["7 for 1", "9 for 3"], (await Bills(billing)).Select(one => ((Paid)one.Data).Order));
    }

    [Fact]
    public async Task A_message_that_cannot_be_handled_is_parked_and_holds_its_own_key_only()
    {
        var isMended = false;
        await using var billing = await Billing(
            (placed, context, cancel) =>
                placed.Total < 0 && !Volatile.Read(ref isMended)
                    ? throw new InvalidOperationException("Nobody pays less than nothing.")
                    : Bill(placed, context, cancel));

        await Publish(MessageOf("7", -1), MessageOf("7", 2), MessageOf("8", 3));

        var bills = await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        Assert.Equal("8 for 3", ((Paid)bills[0].Data).Order);
        var letters = await Eventually.Is(() => ReadDeadLetters(billing), static letters => letters is
            [{ State: DeadLetterState.Parked }, { State: DeadLetterState.Waiting }]);
        Assert.Equal("Nobody pays less than nothing.", letters[0].Message);
        await Publish(MessageOf("7", 4)); // Behind the others of its key, though it could be handled.
        await Eventually.Is(() => ReadDeadLetters(billing), static letters => letters.Count == 3);

        Volatile.Write(ref isMended, true);
        await billing.DeadLetters.Retry(letters[0].Id, new DeadLetterNote("ada", "mended"));

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 4);
        Assert.Equal(
            ["7 for -1", "7 for 2", "7 for 4"],
            (await Bills(billing)).Select(one => ((Paid)one.Data).Order).Where(order => order.StartsWith('7')));
        await Publish(MessageOf("7", 5));
        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 5);
    }

    [Fact]
    public async Task A_key_that_is_held_stays_so_when_the_application_starts_again()
    {
        var storage = new InMemoryStorage();
        await using (var first = await Billing((_, _, _) => throw new InvalidOperationException("Broken."), storage))
        {
            await Publish(MessageOf("7", 1));
            await Eventually.Is(
                () => ReadDeadLetters(first), static letters => letters is [{ State: DeadLetterState.Parked }]);
        }
        await using var second = await Billing(Bill, storage);

        await Publish(MessageOf("7", 2), MessageOf("8", 3));

        await Eventually.Is(() => Bills(second), static bills => bills.Count == 1);
        var letters = await Eventually.Is(() => ReadDeadLetters(second), static letters => letters.Count == 2);
        await second.DeadLetters.Retry(letters[0].Id, new DeadLetterNote("ada", "mended"));
        await Eventually.Is(() => Bills(second), static bills => bills.Count == 3);
        Assert.Equal(["8 for 3", "7 for 1", "7 for 2"], (await Bills(second)).Select(one => ((Paid)one.Data).Order));
    }

    [Fact]
    public async Task What_is_no_message_or_does_not_fit_its_type_is_parked()
    {
        await using var billing = await Billing(Bill);

        await Publish(
            MessageOf("7", 1) with { Body = "no JSON"u8.ToArray() },
            MessageOf("8", 1) with { SchemaVersion = 9 },
            MessageOf("9", 1));

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        var letters = await Eventually.Is(
            () => ReadDeadLetters(billing),
            static letters => letters.Count(letter => letter.State == DeadLetterState.Parked) == 2);
        Assert.All(letters, letter => Assert.Equal(FailureClass.Permanent, letter.Class));
        Assert.All(letters, letter => Assert.StartsWith("Receiver 'billing' cannot read the message", letter.Message));
    }

    [Fact]
    public async Task A_failing_receiver_harms_no_other()
    {
        var seen = 0;
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
                                        Interlocked.Increment(ref seen);
                                        return ValueTask.CompletedTask;
                                    }
                                )
                        ),
                _broker));

        await Publish([.. Enumerable.Range(0, 50).Select(number => MessageOf($"{number}", number))]);

        await Eventually.Holds(() => Volatile.Read(ref seen) == 50);
        await Eventually.Is(
            () =>
                node
                    .DeadLetters.Count(new DeadLetterQuery { Consumer = Held, States = [DeadLetterState.Parked] })
                    .AsTask(),
            static count => count == 50);
    }

    [Fact]
    public async Task Handling_is_a_trace_of_its_own_that_links_to_the_one_it_comes_from()
    {
        using var spans = new Spans();
        await using var billing = await Billing(Bill, destination: "traced");

        await Publish(
            "traced",
            MessageOf("7", 1) with
            {
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            }
        );

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        await Eventually.Holds(() => spans.Of("process traced").Length > 0);
        var handled = spans.Of("process traced")[0];
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", handled.Links.Single().Context.TraceId.ToHexString());
        Assert.NotEqual("0af7651916cd43dd8448eb211c80319c", handled.TraceId.ToHexString());
    }

    [Fact]
    public async Task What_cannot_be_committed_is_held_and_concerns_nothing_that_was_committed_with_it()
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

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 3);
        // And the one behind it.
        await Eventually.Is(() => ReadDeadLetters(billing), static letters => letters.Count == 2);
        await Drained();
        Assert.Equal(
            ["7 for 1", "7 for 4", "9 for 2"],
            (await Bills(billing)).Select(one => ((Paid)one.Data).Order).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_is_acknowledged_when_it_is_done_and_not_when_the_next_one_comes()
    {
        await using var billing = await Billing(Bill, prefetch: 2);

        await Publish(MessageOf("7", 1)); // Half of what may be in hand: the other half is asked for meanwhile.

        await Eventually.Is(() => Bills(billing), static bills => bills.Count == 1);
        await Drained();
    }

    /// <summary>
    /// Any messages, with duplicates and late repetitions among them, returned and broken off at any time, handled by
    /// code that fails now and then: each has its effect once, those of a key in the order in which they first came.
    /// </summary>
    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 1)]
    [InlineData(3, 2)] // One is committed while the next is taken.
    [InlineData(4, 7)]
    [InlineData(5, 40)]
    [InlineData(6, 4)] // Four are under way, each automatically.
    [InlineData(7, 16)]
    public async Task Duplicates_breaks_and_failures_are_harmless(int seed, int prefetch)
    {
        var random = new Random(seed);
        var failing = new Random(seed * 31);
        var failures = new Dictionary<int, int>(); // No message as often as its consumer tries one: none is parked.
        await using var billing = await Billing(async (placed, context, cancel) =>
        {
            lock (failing)
            {
                if (failing.Next(12) == 0 && failures.GetValueOrDefault(placed.Total) < 2)
                {
                    failures[placed.Total] = failures.GetValueOrDefault(placed.Total) + 1;
                    throw new TimeoutException("Now and then.");
                }
            }
            if (placed.Total % 3 == 0)
                await Task.Yield(); // Continues automatically; the others are committed together.
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
                _broker.GoAway();
                _broker.ComeBack();
            }
        }

        var bills = await Eventually.Is(
            () => Bills(billing), static bills => bills.Count == 200, TimeSpan.FromMinutes(3));
        await Drained();
        foreach (var key in sent.GroupBy(one => one.Key))
        {
            Assert.Equal(
                key.Select(one => $"{key.Key[6..]} for {NumberOf(one)}"),
                bills
                    .Select(one => ((Paid)one.Data).Order)
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
        [.. (await node.DeadLetters.List(new DeadLetterQuery { Consumer = Held })).OrderBy(letter => letter.Position)];

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
        // A receiver that has not started has declared nothing, and would miss messages.
        await Eventually.Is(
            async () => await Transport.Publish([new(destination, messages[0])], Cancel),
            static outcomes => outcomes[0].IsConfirmed);
        if (messages.Count > 1)
            await Transport.Publish([.. messages.Skip(1).Select(one => new OutgoingMessage(destination, one))], Cancel);
    }

    /// <summary>Waits until the broker has nothing more for the receiver.</summary>
    private Task Drained() => Eventually.Holds(() => _broker.Waiting("billing") == 0);
}
