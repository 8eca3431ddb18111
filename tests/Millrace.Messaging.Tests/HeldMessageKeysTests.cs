using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests the order within a key when a standby node takes over a subscription.</summary>
public sealed class HeldMessageKeysTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryStorage _storage = NewStorage();

    [Fact]
    public async Task A_standby_node_knows_the_held_keys_of_the_node_before_it()
    {
        var standby = new StandbyTransport(_broker);
        await using var second = await Billing(standby);
        await standby.Waits;
        await using (var first = await Billing(new InMemoryTransport(_broker)))
        {
            await Publish("7", -1);
            await Eventually.Get(
                () => ReadDeadLetters(first), static letters => letters is [{ State: DeadLetterState.Parked }]);
            await Eventually.Until(() => _broker.Waiting("billing") == 0);
        }

        await Publish("7", 2);
        await Publish("8", 3);
        standby.TakeOver();

        await Eventually.Until(() => _broker.Waiting("billing") == 0);
        Assert.Equal(["8 for 3"], await Bills(second));
        await Eventually.Get(() => ReadDeadLetters(second), static letters => letters.Count == 2);
    }

    [Fact]
    public async Task A_key_whose_dead_letters_are_all_decided_is_released()
    {
        await using var node = await Billing(new InMemoryTransport(_broker));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        await Publish("7", -1);
        var letters = await Eventually.Get(
            () => ReadDeadLetters(node), static letters => letters is [{ State: DeadLetterState.Parked }]);
        await node.DeadLetters.Skip(letters[0].Id, new DeadLetterNote("ada", "not ours"));

        var published = 0;
        await Eventually.Get(
            async () =>
            {
                await Publish("7", ++published);
                await Eventually.Get(() => Bills(node), bills => bills.Count == published);
                var end = (await _storage.Log.GetHead(Cancel)).Position;
                // The checkpoint is stored when the receiver is idle.
                await Eventually.Get(Checkpoint, checkpoint => checkpoint >= end);
                return await node.Store.Count(new EventFilter { Types = ["messages.held"] });
            },
            held => held <= published); // At least one later message of the key was not held.
    }

    private static InMemoryStorage NewStorage() => new(); // Each node disposes it, which has no effect in memory.

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(Node node) =>
        await node.DeadLetters.List(new DeadLetterQuery { Consumer = "receive.billing" });

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        if (placed.Total < 0)
            throw new InvalidOperationException("A total cannot be negative.");
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }

    private async Task<long?> Checkpoint() =>
        (await _storage.Leases.List(Cancel))
            .Where(record => record.Consumer == "receive.billing")
            .Min(record => record.Checkpoint);

    private Task<Node> Billing(ITransport transport) =>
        Node.Start(
            millrace =>
                millrace.UseTransport(
                    InMemoryTransport.Name,
                    _ => transport,
                    builder => builder.Receive("billing", "orders", receiver => receiver.Handle<Placed>(Bill))),
            _storage);

    private async Task Publish(string order, int total)
    {
        var message = new Message
        {
            Id = $"{order}-{total}",
            Type = "order.placed",
            Source = "shop",
            Subject = $"order-{order}",
            Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}"""),
        };
        await using var transport = new InMemoryTransport(_broker);
        Assert.True((await transport.Publish([new OutgoingMessage("orders", message)], Cancel)).Single().IsConfirmed);
    }
}
