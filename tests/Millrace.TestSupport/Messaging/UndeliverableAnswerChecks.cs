using System.Collections.Concurrent;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>Checks, over any broker, requests whose reply address does not belong to a waiting client.</summary>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class UndeliverableAnswerChecks(Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    private readonly string _stock = $"stock-{Guid.NewGuid():N}";
    private readonly string _orders = $"orders-{Guid.NewGuid():N}";

    /// <summary>Gets a destination that does not exist and that one of the requests names for its answer.</summary>
    public string Nowhere { get; } = $"nowhere-{Guid.NewGuid():N}";

    public async Task Run()
    {
        using var measured = new MeasuredMessages(_stock);
        var (stock, handled) = (new Stock(), new ConcurrentQueue<string>());
        await using var warehouse = await Warehouse(stock, handled);
        await Eventually.Until(() => warehouse.Transports.List().Single().State == TransportState.Connected);

        await Request(warehouse, "1", _orders);
        await Request(warehouse, "2", Nowhere);
        await Request(warehouse, "3", null);

        await Eventually.Until(() => stock.Remaining == Stock.InitialStock - 3);
        Assert.Equal(2, measured["millrace.messaging.unanswered"]);
        await Publish(warehouse, _orders, new Message
        {
            Id = "own",
            Type = "order.placed",
            Body = """{ "order": "7", "total": 1 }"""u8.ToArray(),
        });
        await Eventually.Until(() => handled.Contains("own"));
        Assert.Equal(["own"], handled);
        Assert.Equal(TransportState.Connected, warehouse.Transports.List().Single().State);
    }

    /// <summary>Starts the service with the stock, which also receives the orders of the shop.</summary>
    private Task<Node> Warehouse(Stock stock, ConcurrentQueue<string> handled) => Node.Start(millrace =>
    {
        millrace.AddModel(stock.Register);
        connect(millrace, transport => transport
            .Receive(_stock, _stock, receiver => receiver.Answer<ReserveStock>())
            .Receive(_orders, _orders, receiver => receiver.Handle<Placed>((_, context, _) =>
            {
                handled.Enqueue(context.Message.Id);
                return ValueTask.CompletedTask;
            })));
    });

    /// <summary>Sends a request. All requests have one key, so that each is answered before the next.</summary>
    private Task Request(Node warehouse, string id, string? replyTo) => Publish(warehouse, _stock, new Message
    {
        Id = id,
        Type = "reserve-stock",
        Subject = "one",
        Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
        Headers = replyTo is null
            ? []
            : new Dictionary<string, string> { ["replyto"] = replyTo, ["replytype"] = "order.placed" },
    });

    private static async Task Publish(Node node, string destination, Message message) =>
        await node.Transports.Publish(node.Transports.List().Single().Name, destination, message);
}
