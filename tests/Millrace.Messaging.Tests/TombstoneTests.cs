using System.Collections.Concurrent;
using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests tombstones, which are the records without a value of compacted topics.</summary>
public sealed class TombstoneTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryStorage _storage = NewStorage();
    private readonly ConcurrentQueue<string> _attempts = [];
    private volatile bool _isBroken;

    [Fact]
    public async Task A_tombstone_without_a_handler_is_skipped_and_counted()
    {
        await using var node = await Start(static receiver => receiver);
        await Publish(Order("7", 1), Tombstone("7", 2), Order("7", 3), Tombstone("8", 4));

        await Eventually.Get(() => Bills(node), static bills => bills is ["7 for 1", "7 for 3"]);
        await Eventually.Until(() => _broker.Waiting("billing") == 0);
        var status = node.Transports.List().Single().Receivers.Single();
        Assert.Equal((2L, 0L), (status.Tombstones, status.Skipped));
        Assert.Empty(await node.DeadLetters.List(new DeadLetterQuery()));
    }

    [Fact]
    public async Task A_tombstone_without_a_handler_does_not_wait_for_its_key()
    {
        await using var node = await Start(static receiver => receiver);
        _isBroken = true;
        await Publish(Order("7", 1), Tombstone("7", 2));

        await Eventually.Until(() => node.Transports.List().Single().Receivers.Single().Tombstones == 1);
        Assert.Single(
            await Eventually.Get(
                async () => await node.DeadLetters.List(new DeadLetterQuery()), static all => all.Count > 0));
    }

    [Fact]
    public async Task A_handler_receives_the_tombstone_once_and_in_the_order_of_its_key()
    {
        await using var node = await Start(static receiver => receiver.HandleTombstones(Delete));
        var tombstone = Tombstone("7", 2);
        await Publish(Order("7", 1), tombstone, Order("7", 3), tombstone, Tombstone("8", 4));

        await Eventually.Get(() => Bills(node), static bills => bills.Count == 4);
        await Eventually.Until(() => _broker.Waiting("billing") == 0);
        Assert.Equal(
            ["7 for 1", "7 deleted", "7 for 3"], (await Bills(node)).Where(static bill => bill.StartsWith('7')));
        Assert.Contains("8 deleted", await Bills(node));
    }

    [Fact]
    public async Task A_held_tombstone_is_still_a_tombstone_when_it_is_handled()
    {
        await using var node = await Start(static receiver => receiver.HandleTombstones(Delete));
        _isBroken = true;
        await Publish(Order("7", 1), Tombstone("7", 2));
        await Eventually.Get(
            async () => await node.DeadLetters.List(new DeadLetterQuery()), static all => all.Count == 2);

        _isBroken = false;
        var all = new DeadLetterQuery { Consumer = "receive.billing" };
        await node.DeadLetters.Replay(
            all, DeadLetterAction.Retry, new DeadLetterNote("ada", "the handler is fixed"), cancellationToken: Cancel);

        await Eventually.Get(() => Bills(node), static bills => bills is ["7 for 1", "7 deleted"]);
    }

    [Fact]
    public async Task A_tombstone_is_retried_after_its_handler_throws()
    {
        await using var node = await Start(receiver =>
            receiver.HandleTombstones(
                (tombstone, context, cancel) =>
                {
                    _attempts.Enqueue(tombstone.Key);
                    return _attempts.Count < 3
                        ? throw new TimeoutException("The index is not available.")
                        : Delete(tombstone, context, cancel);
                }
            )
        );
        await Publish(Tombstone("7", 1));

        await Eventually.Get(() => Bills(node), static bills => bills is ["7 deleted"]);
        Assert.Equal(["7", "7", "7"], _attempts);
    }

    [Fact]
    public async Task A_receiver_can_have_one_tombstone_handler_and_no_other_handler()
    {
        await using var node = await Node.Start(millrace => millrace.UseInMemoryTransport(
            transport => transport.Receive("billing", "orders", static receiver =>
            {
                receiver.HandleTombstones(Delete);
                Assert.Throws<InvalidOperationException>(() => receiver.HandleTombstones(Delete));
            }),
            _broker));

        Assert.Single(node.Transports.List());
    }

    private static ValueTask Delete(Tombstone tombstone, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(
            StreamId.For("bill", tombstone.Key), ExpectedVersion.Any, new Paid($"{tombstone.Key} deleted"));
        return ValueTask.CompletedTask;
    }

    private static Message Order(string order, int total) => new()
    {
        Id = $"{order}-{total}",
        Type = "order.placed",
        Subject = order,
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}"""),
    };

    private static Message Tombstone(string order, int number) =>
        new() { Id = $"orders/0/{number}", Type = "gone", Subject = order, Body = default };

    private static InMemoryStorage NewStorage() => new(); // Each node disposes it, which has no effect in memory.

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private Task<Node> Start(Func<ReceiverBuilder, ReceiverBuilder> configure) =>
        Node.Start(
            millrace =>
                millrace
                    .OnFailure("receive.billing", static policy => policy.Permanent<FormatException>())
                    .UseTransport(
                        "faulty",
                        _ => new FaultyTransport(_broker)
                        {
                            MapSubscription = static subscription => subscription with { Types = [] },
                            MapRead = static message => message.Type == "gone" ? message with { Type = "" } : message,
                            IsTombstone = static message => message.Type == "gone",
                        },
                        transport =>
                            transport.Receive(
                                "billing",
                                "orders",
                                receiver =>
                                    configure(
                                        receiver.Handle<Placed>(
                                            (placed, context, _) =>
                                            {
                                                if (_isBroken)
                                                    throw new FormatException("The handler is broken.");
                                                context.Effect.To(
                                                    StreamId.For("bill", placed.Order),
                                                    ExpectedVersion.Any,
                                                    new Paid($"{placed.Order} for {placed.Total}"));
                                                return ValueTask.CompletedTask;
                                            }
                                        )
                                    )
                            )
                    ),
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
