using Commerce.Inventory;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>The messages between the services, over any broker: requests and answers about stock, and stock
/// facts.</summary>
public static class ShopMessages
{
    private const string Requests = "inventory-commands";
    private const string Facts = "shop.stock";

    /// <summary>The time after which another program takes over from one that crashed.</summary>
    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(10);

    /// <summary>Connects a service to the other one.</summary>
    public static MillraceBuilder UseBroker(this MillraceBuilder millrace, ShopOptions options)
    {
        if (options is not { Broker: { } broker, BrokerAddress: { } address })
            return millrace;
        Action<TransportBuilder> configure = options.Role == ShopRole.Orders ? Orders : Inventory;
        return broker switch
        {
            ShopBroker.RabbitMq => millrace.UseRabbitMq(address, configure),
            ShopBroker.Redis => millrace.UseRedis(
                address, configure, redis => (redis.TakeOverAfter, redis.RemovesHandled) = (TakeOverAfter, true)),
            _ => millrace.UseKafka(address, configure, kafka => kafka.TakeOverAfter = TakeOverAfter),
        };
    }

    private static void Orders(TransportBuilder transport) => transport
        .Request<Allocate>(Requests).Request<ReleaseAllocation>(Requests)
        .Request<HandOutAllocation>(Requests).Request<TakeBackAllocation>(Requests)
        .Request<TakeIn>(Requests)
        .Receive("shop.orders", Facts, StockFacts.Configure);

    private static void Inventory(TransportBuilder transport) => transport
        .Publish<ProductStockChanged>(Facts)
        .Receive("shop.inventory", Requests, receiver => receiver
            .Answer<Allocate>().Answer<ReleaseAllocation>()
            .Answer<HandOutAllocation>().Answer<TakeBackAllocation>()
            .Answer<TakeIn>());
}
