using System.Collections.Concurrent;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>What must become, over any broker, of requests that want their answers where no client waits for
/// any.</summary>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class UndeliverableAnswerChecks(Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    private readonly string _stock = $"stock-{Guid.NewGuid():N}";
    private readonly string _orders = $"orders-{Guid.NewGuid():N}";

    /// <summary>Where nothing is, and one of the requests wants its answer.</summary>
    public string Nowhere { get; } = $"nowhere-{Guid.NewGuid():N}";

    public async Task Run()
    {
        using var measured = new MeasuredMessages(_stock);
        var (stock, handled) = (new Stock(), new ConcurrentQueue<string>());
        await using var warehouse = await Warehouse(stock, handled);
        await Eventually.Holds(() => warehouse.Transports.List().Single().State == TransportState.Connected);

        await Request(warehouse, "1", _orders);
        await Request(warehouse, "2", Nowhere);
        await Request(warehouse, "3", null);

        await Eventually.Holds(() => stock.Left == Stock.InitialStock - 3);
        Assert.Equal(2, measured["millrace.messaging.unanswered"]);
        await Publish(warehouse, _orders, new Message
        {
            Id = "own",
            Type = "order.placed",
            Body = """{ "order": "7", "total": 1 }"""u8.ToArray(),
        });
        await Eventually.Holds(() => handled.Contains("own"));
        Assert.Equal(["own"], handled);
        Assert.Equal(TransportState.Connected, warehouse.Transports.List().Single().State);
    }

    /// <summary>Has stock, and receives orders that only the shop may send.</summary>
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

    /// <summary>Of one key, so that the answer to one is sent before the next is handled.</summary>
    private Task Request(Node warehouse, string id, string? replyTo) => Publish(warehouse, _stock, new Message
    {
        Id = id,
        Type = "reserve-stock",
        Subject = "one",
        Body = """{ "product": "1", "quantity": 1 }"""u8.ToArray(),
        Headers = replyTo is null ? [] : new Dictionary<string, string> { ["replyto"] = replyTo, ["replytype"] = "order.placed" },
    });

    private static async Task Publish(Node node, string destination, Message message) =>
        await node.Transports.Publish(node.Transports.List().Single().Name, destination, message);
}
