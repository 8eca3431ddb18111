using Microsoft.Extensions.DependencyInjection;
using Millrace.Messaging;

namespace Commerce.Chaos;

/// <summary>A node of the shop that publishes the events of orders over both brokers.</summary>
internal static class PublishingShop
{
    public static async Task Run(string rabbitMq, string redis, IReadOnlyList<string> arguments)
    {
        var options = ShopOptions.Parse(arguments);
        var port = options.Port ?? throw new ArgumentException("The test must set the port.", nameof(arguments));
        await using var app = ShopApplication.Create(
            options,
            port,
            builder =>
                builder.Services.AddMillrace(millrace =>
                    millrace
                        .UseRabbitMq(rabbitMq, Publish)
                        .UseRedis(redis, Publish)));
        await app.RunAsync();

        // The listener is another program and has no keys.
        static void Publish(TransportBuilder to)
        {
            to.Configure(transport => transport.PublishesDecrypted = true);
            to.Publish(PublishedOrders.Destination, PublishedOrders.Types);
        }
    }
}
