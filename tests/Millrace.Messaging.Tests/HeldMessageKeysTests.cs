using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>The order within a key when a node takes over that had its line open all the while.</summary>
public sealed class HeldMessageKeysTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly InMemoryBroker _broker = new();
    private readonly InMemoryStorage _storage = NewStorage();

    [Fact]
    public async Task A_node_that_stood_by_knows_what_the_one_before_it_has_held()
    {
        var standby = new StandbyTransport(_broker);
        await using var second = await Billing(standby);
        await standby.Waits;
        await using (var first = await Billing(new InMemoryTransport(_broker)))
        {
            await Publish("7", -1);
            await Eventually.Is(
                () => ReadDeadLetters(first), static letters => letters is [{ State: DeadLetterState.Parked }]);
            await Eventually.Holds(() => _broker.Waiting("billing") == 0);
        }

        await Publish("7", 2);
        await Publish("8", 3);
        standby.TakeOver();

        await Eventually.Holds(() => _broker.Waiting("billing") == 0);
        Assert.Equal(["8 for 3"], await Bills(second));
        await Eventually.Is(() => ReadDeadLetters(second), static letters => letters.Count == 2);
    }

    [Fact]
    public async Task A_key_of_which_all_is_decided_is_let_go()
    {
        await using var node = await Billing(new InMemoryTransport(_broker));
        await Eventually.Holds(() => node.Transports.List().Single().State == TransportState.Connected);
        await Publish("7", -1);
        var letters = await Eventually.Is(
            () => ReadDeadLetters(node), static letters => letters is [{ State: DeadLetterState.Parked }]);
        await node.DeadLetters.Skip(letters[0].Id, new DeadLetterNote("ada", "not ours"));

        var published = 0;
        await Eventually.Is(
            async () =>
            {
                await Publish("7", ++published);
                await Eventually.Is(() => Bills(node), bills => bills.Count == published);
                var end = (await _storage.Log.GetHead(Cancel)).Position;
                // It is stored when there is nothing else to do.
                await Eventually.Is(Checkpoint, checkpoint => checkpoint >= end);
                return await node.Store.Count(new EventFilter { Types = ["messages.held"] });
            },
            held => held <= published); // Not all that came behind it were held as well.
    }

    private static InMemoryStorage NewStorage() => new(); // Each node disposes of it, which is of no effect.

    private static async Task<List<string>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(one => ((Paid)one.Data).Order).ToListAsync();

    private static async Task<IReadOnlyList<DeadLetter>> ReadDeadLetters(Node node) =>
        await node.DeadLetters.List(new DeadLetterQuery { Consumer = "receive.billing" });

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        if (placed.Total < 0)
            throw new InvalidOperationException("Nobody pays less than nothing.");
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
                    one => one.Receive("billing", "orders", receiver => receiver.Handle<Placed>(Bill))),
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
