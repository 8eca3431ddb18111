using Commerce.Services;

namespace Commerce.Live.Stock;

/// <summary>
/// Adds live stock to the shop. The nodes use Redis if <c>Millrace:Redis:Address</c> is set or if Redis is the broker
/// of the services. Otherwise, each node follows its log.
/// </summary>
public static class LiveStockSetup
{
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);

    public static void AddLiveStock(this IServiceCollection services, ShopOptions options, IConfiguration configuration)
    {
        services.AddSingleton<LiveStock>();
        services.Configure<WebSocketOptions>(sockets =>
            (sockets.KeepAliveInterval, sockets.KeepAliveTimeout) = (PingInterval, PingInterval));
        if (ServicesSetup.RedisOf(options, configuration) is not { } address)
        {
            services.AddSingleton<IStockReader, StockReader>();
            services.AddHostedService<StockLog>();
            return;
        }

        services.AddSingleton<StockChannel>();
        services.AddHostedService(provider => provider.GetRequiredService<StockChannel>());
        services.AddMillrace(millrace => millrace.UseRedisChannels(address));
        if (options.Role == ShopRole.Orders)
        {
            // The inventory service publishes the changes and has the state.
            services.AddSingleton<IStockReader, RemoteStockReader>();
            return;
        }

        services.AddSingleton<IStockReader, StockReader>();
        services.AddMillrace(millrace => millrace
            .AddConsumer(provider => provider.GetRequiredService<StockChannel>().Consumer()));
    }
}
