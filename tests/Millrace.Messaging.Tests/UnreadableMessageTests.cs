using System.Text;
using Millrace.Messaging.Receiving;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests receivers of topics to which other applications also write.</summary>
public sealed class UnreadableMessageTests
{
    private const string BillingConsumer = "receive.billing";
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryStorage _storage = NewStorage();

    /// <summary>Gets the kinds of messages that are no events of the receiver.</summary>
    public static TheoryData<string> Kinds =>
        ["no CloudEvent", "another type", "another body", "an empty body", "no JSON"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_skipped_message_is_counted_and_does_not_block_its_key(string kind)
    {
        await using var node = await Start(UnreadableMessages.Skip);

        await Publish(Foreign(kind, "7", 1), Order("7", 2), Foreign(kind, "7", 3), Order("7", 4));

        await Eventually.Get(() => Bills(node), static bills => bills is ["7 for 2", "7 for 4"]);
        await Eventually.Until(() => _broker.Waiting("billing") == 0);
        var status = Assert.Single(node.Transports.List().Single().Receivers);
        Assert.Equal(("billing", 2L, null), (status.Receiver, status.Skipped, status.Stopped));
        Assert.NotEmpty(status.LastSkipped!);
        Assert.Empty(await ReadDeadLetters(node));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_parked_message_is_a_dead_letter_and_blocks_only_its_key(string kind)
    {
        await using var node = await Start(UnreadableMessages.Park);

        await Publish(Foreign(kind, "7", 1), Order("7", 2), Order("8", 3));

        await Eventually.Get(() => Bills(node), static bills => bills is ["8 for 3"]);
        await Eventually.Get(
            () => ReadDeadLetters(node),
            static all => all.Count == 2 && all.Any(item => item.State == DeadLetterState.Parked));
        Assert.Equal(0, Assert.Single(node.Transports.List().Single().Receivers).Skipped);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_receiver_that_stops_leaves_the_message_in_the_broker_and_logs_it(string kind)
    {
        await using (var node = await Start(UnreadableMessages.Stop))
        {
            await Publish(Order("8", 1), Foreign(kind, "7", 2), Order("7", 3));

            var status = await Eventually.Get(() => Receiver(node), static item => item.Stopped is not null);
            Assert.Contains("OnUnreadable", status.Stopped, StringComparison.Ordinal);
            Assert.Empty(await ReadDeadLetters(node));
            await Eventually.Until(() => _broker.Waiting("billing") >= 2);
            Assert.DoesNotContain("7 for 3", await Bills(node));
        }

        await using var next = await Start(UnreadableMessages.Skip);
        await Eventually.Get(() => Bills(next), static bills => bills.Order().SequenceEqual(["7 for 3", "8 for 1"]));
    }

    [Fact]
    public async Task A_parked_message_is_skipped_on_a_retry_with_the_rule_Skip()
    {
        await using (var node = await Start(UnreadableMessages.Park))
        {
            await Publish(Foreign("no CloudEvent", "7", 1), Order("7", 2));
            await Eventually.Get(
                () => ReadDeadLetters(node),
                static all => all.Count == 2 && all.Any(item => item.State == DeadLetterState.Parked));
        }
        await using var next = await Start(UnreadableMessages.Skip);

        var ofBilling = new DeadLetterQuery { Consumer = BillingConsumer };
        await next.DeadLetters.Replay(
            ofBilling, DeadLetterAction.Retry, new DeadLetterNote("ada", "not ours"), cancellationToken: Cancel);

        await Eventually.Get(() => Bills(next), static bills => bills is ["7 for 2"]);
        await Eventually.Get(
            () => ReadDeadLetters(next),
            static all => all.All(static item => !DeadLetter.OpenStates.Contains(item.State)));
    }

    [Fact]
    public async Task A_consumer_at_its_dead_letter_limit_continues_when_they_are_discarded()
    {
        const int MaxHeld = 5;
        await using var node = await Start(UnreadableMessages.Park, maxDeadLetters: MaxHeld);
        for (var number = 0; number < 2 * MaxHeld; number++)
            await Publish(Foreign("no CloudEvent", $"{number}", number));
        await Publish(Order("1", 100), Order("ada", 101));
        await Eventually.Get(node.Consumers, BillingConsumer, static status => status.State == ConsumerState.Stalled);

        await Eventually.Get(
            async () =>
            {
                foreach (
                    var letter in (await ReadDeadLetters(node)).Where(static x => x.State == DeadLetterState.Parked)
                )
                    await node.DeadLetters.Discard(letter.Id, new DeadLetterNote("ada", "not ours"));
                return await node.Consumers.Get(BillingConsumer);
            },
            static status => status is { State: ConsumerState.Live, LagEvents: 0 });

        await Publish(Order("1", 102));
        await Eventually.Get(
            () => Bills(node), static bills => bills.Contains("1 for 102") && bills.Contains("ada for 101"));
    }

    [Fact]
    public void Skipped_messages_are_logged_immediately_and_then_at_most_once_a_minute()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var log = new RecordedLog();
        var counts = new ReceiverCounts("billing", time, log);
        for (var i = 0; i < 1_000; i++)
            counts.Skipped(Order("7", i), "it is\nnot ours");
        time.Advance(TimeSpan.FromMinutes(1));
        counts.Skipped(Order("7", 1), "it is not ours");

        Assert.Equal(1_001, counts.Status.Skipped);
        Assert.Equal(2, log.Entries.Count);
        Assert.Contains("receiver billing has skipped 1 messages", log.Entries[0].Text, StringComparison.Ordinal);
        Assert.Contains("receiver billing has skipped 1000 messages", log.Entries[1].Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', log.Entries[0].Text);
    }

    private static Message Order(string order, int total) => new()
    {
        Id = $"{order}-{total}",
        Type = "order.placed",
        Subject = order,
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}"""),
    };

    private static Message Foreign(string kind, string order, int number)
    {
        var message = Order(order, number) with { Id = $"foreign-{number}" };
        return kind switch
        {
            "another type" => message with { Type = "till.opened" },
            "another body" => message with { Body = "[1,2]"u8.ToArray() },
            "an empty body" => message with { Body = default },
            "no JSON" => message with { Body = new byte[] { 0, 1, 2 } },
            _ => message with { Source = "elsewhere" },
        };
    }

    private static InMemoryStorage NewStorage() => new(); // Each node disposes it, which has no effect in memory.

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(item => ((Paid)item.Data).Order).ToListAsync();

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(Node node) =>
        await node.DeadLetters.List(new DeadLetterQuery { Consumer = BillingConsumer });

    private static Task<ReceiverStatus> Receiver(Node node) =>
        Task.FromResult(node.Transports.List().Single().Receivers.Single());

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }

    private Task<Node> Start(UnreadableMessages rule, int maxDeadLetters = 1_000) =>
        Node.Start(
            millrace =>
                millrace
                    .UseTransport(
                        "faulty",
                        _ => new FaultyTransport(_broker)
                        {
                            MapSubscription = static item => item with { Types = [] },
                            Problem = static message =>
                                message.Source == "elsewhere" ? "it has no 'type', which CloudEvents asks for" : null,
                        },
                        transport =>
                            transport.Receive(
                                "billing", "orders", receiver => receiver.Handle<Placed>(Bill).OnUnreadable(rule)))
                    .ConfigureConsumers(options => options.MaxDeadLetters = maxDeadLetters),
            _storage);

    private async Task Publish(params IReadOnlyList<Message> messages)
    {
        await using var transport = new InMemoryTransport(_broker);
        foreach (var message in messages)
        {
            await Eventually.Get(
                async () => await transport.Publish([new OutgoingMessage("orders", message)], Cancel),
                static outcomes => outcomes[0].IsConfirmed);
        }
    }
}
