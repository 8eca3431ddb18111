using System.Text.Json.Nodes;
using Commerce.Services;
using Commerce.Tests.Payments;
using Commerce.Tests.Services;
using Millrace.Kafka;
using Millrace.Messaging;
using Millrace.RabbitMq;
using Millrace.Redis;
using Servers;

namespace Commerce.Tests.Announcements;

/// <summary>
/// Tests that the events of the shop are published at their topics, in the announced form, over each broker.
/// </summary>
public sealed class AnnouncementTests(RunningCardPayments bank) : IClassFixture<RunningCardPayments>, IDisposable
{
    /// <summary>The types of the announcements of a delivered order, without the announcements of the saga.</summary>
    private static readonly string[] DeliveredOrderTypes =
    [
        "order.created",
        "order.item-added",
        "order.submitted",
        "order.paid",
        "order.processing-started",
        "order.shipped",
        "order.delivered",
    ];

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [RabbitMqFact]
    public async Task The_shop_announces_its_events_over_RabbitMQ_as_configured()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await using var listener = await TopicListener.Start(
            new RabbitMqTransport(new RabbitMqOptions { Uri = address }),
            AnnouncedFields.Topics);
        using var shop = new ServiceProgram([
            "--data",
            _data.Path,
            "--port",
            "0",
            "--no-simulation",
            "--payments",
            $"{bank.Address}",
        ])
        {
            Variables = new Dictionary<string, string>
            {
                ["Millrace__Messaging__Transport"] = "rabbitmq",
                ["Millrace__Messaging__rabbitmq__Address"] = address,
            },
        };
        await shop.Start();
        using var desk = new OrderClient(() => shop.Address);

        await TradeAndListen(desk, listener, "commerce", "commerce");
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Two_services_announce_their_own_events_over_Redis()
    {
        await using var server = await RedisServer.Start();
        await using var listener = await TopicListener.Start(
            new RedisTransport(new RedisOptions { Address = server.Address }, TimeProvider.System),
            AnnouncedFields.Topics);
        await TradeInTwoServices(ShopBroker.Redis, server.Address, listener);
    }

    /// <summary>
    /// Tests only the wire format and not the durability of a broker (see <see cref="KafkaServer"/>).
    /// </summary>
    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute.
    public async Task Two_services_announce_their_own_events_over_Kafkas_protocol()
    {
        using var server = new KafkaServer();
        await using var listener = await TopicListener.Start(
            new KafkaTransport(new KafkaOptions { Servers = server.Address, CreatesTopics = false }),
            AnnouncedFields.Topics);
        await TradeInTwoServices(ShopBroker.Kafka, server.Address, listener);
    }

    private async Task TradeInTwoServices(ShopBroker broker, string address, TopicListener listener)
    {
        using var shop = await TwoServiceShop.Start(broker, address, _data.Path, bank);
        using var desk = new OrderClient(() => shop.Orders.Address);
        using var inventory = new OrderClient(() => shop.Inventory.Address);
        await desk.Finds(shop.Inventory.Address);
        await inventory.Finds(shop.Orders.Address);

        await TradeAndListen(desk, listener, "orders", "inventory");
    }

    private static async Task TradeAndListen(OrderClient desk, TopicListener listener, string seller, string keeper)
    {
        var product = await desk.Product(quantity: 10);
        await desk.Put($"/api/products/{product}/price", new { price = 12 });
        var order = await desk.Order(product, quantity: 3);
        await desk.Becomes(order, "shipped");
        await desk.Post($"/api/orders/{order}/deliver", new { });
        var tooMany = await desk.Order(product, quantity: 8);
        await desk.Becomes(tooMany, "failed");
        var refused = await desk.Order(product, quantity: 2, card: "visa-0002");
        await desk.Becomes(refused, "paymentFailed");
        await desk.Post($"/api/orders/{refused}/cancel", new { reason = "changed my mind", cancelledBy = "customer" });

        var messages = await listener.WaitForMessages(
            all => AnnouncedFields.OfType.Keys.All(type => all.Any(received => received.Message.Type == type))
                && ExpectedFieldsOf(order, tooMany).All(expected => Find(all, expected) is not null));
        Assert.All(messages, received => AssertDocumentedFormat(received.Topic, received.Message));
        Assert.All(
            messages,
            received => Assert.Equal(IsOfStock(received.Message) ? keeper : seller, received.Message.Source));
        AssertValues(messages, product, order, tooMany);
    }

    private static void AssertDocumentedFormat(string topic, Message message)
    {
        var (expectedTopic, fields) = AnnouncedFields.OfType[message.Type];
        Assert.Equal(expectedTopic, topic);
        Assert.Equal(fields.Order(), Body(message).Select(field => field.Key).Order());
        Assert.Equal(
            (message.Subject, 1, "application/json"), (message.Key, message.SchemaVersion, message.ContentType));
        Assert.NotNull(message.Time);
    }

    private static void AssertValues(
        IReadOnlyList<(string Topic, Message Message)> messages, string product, string order, string tooMany)
    {
        // The caller has awaited these messages.
        var found = ExpectedFieldsOf(order, tooMany).Select(expected => Find(messages, expected)!).ToList();
        var (reserved, failed, paid, committed, started) = (found[0], found[1], found[2], found[3], found[4]);

        Assert.Equal((order, product), (reserved["saga"]!.GetValue<string>(), reserved["product"]!.GetValue<string>()));
        Assert.Equal(
            (3, 7, 10),
            (
                reserved["quantity"]!.GetValue<int>(),
                reserved["remaining"]!.GetValue<int>(),
                reserved["total"]!.GetValue<int>()));
        Assert.Contains("8 of product", failed["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            (36, "GBP"),
            (paid["amount"]!["amount"]!.GetValue<decimal>(), paid["amount"]!["currency"]!.GetValue<string>()));
        Assert.Equal((product, 3), (committed["product"]!.GetValue<string>(), committed["quantity"]!.GetValue<int>()));
        Assert.Equal(order, started["saga"]!.GetValue<string>());
        Assert.Equal( // A broker may deliver a message twice, so duplicates are removed.
            DeliveredOrderTypes,
            messages.Where(received => received.Topic == "order-events" && received.Message.Subject == $"order-{order}")
                .DistinctBy(received => received.Message.Id).Select(received => received.Message.Type));
    }

    /// <summary>
    /// Returns the members that select the announcements of one of two orders, because other orders have the same
    /// types.
    /// </summary>
    private static (string Type, string Member, string Value)[] ExpectedFieldsOf(string order, string tooMany) =>
    [
        ("inventory.reserved", "order", order),
        ("inventory.reservation-failed", "saga", tooMany),
        ("payment.processed", "order", order),
        ("inventory.committed", "order", order),
        ("saga.started", "order", order),
    ];

    private static JsonObject? Find(
        IReadOnlyList<(string Topic, Message Message)> messages, (string Type, string Member, string Value) expected) =>
        messages.Where(received => received.Message.Type == expected.Type)
            .Select(received => Body(received.Message))
            .FirstOrDefault(body => body[expected.Member]!.GetValue<string>() == expected.Value);

    /// <summary>
    /// Returns whether the inventory service publishes the event. The order service publishes a shortage.
    /// </summary>
    private static bool IsOfStock(Message message) =>
        AnnouncedFields.OfType[message.Type].Topic == "inventory-events"
        && message.Type != "inventory.reservation-failed";

    private static JsonObject Body(Message message) => JsonNode.Parse(message.Body.Span)!.AsObject();
}
