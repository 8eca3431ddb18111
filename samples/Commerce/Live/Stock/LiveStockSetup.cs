namespace Commerce.Live.Stock;

/// <summary>
/// Adds live stock to the shop: through Redis where <c>Millrace:Redis:Address</c> names one, else each node follows the log.
/// </summary>
public static class LiveStockSetup
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    public static void AddLiveStock(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<LiveStock>();
        services.AddSingleton<StockReader>();
        services.Configure<WebSocketOptions>(sockets =>
            (sockets.KeepAliveInterval, sockets.KeepAliveTimeout) = (SignOfLife, SignOfLife));
        if (configuration["Millrace:Redis:Address"] is not { Length: > 0 } address)
        {
            services.AddHostedService<StockLog>();
            return;
        }

        services.AddSingleton<StockChannel>();
        services.AddHostedService(provider => provider.GetRequiredService<StockChannel>());
        services.AddMillrace(millrace => millrace
            .UseRedisChannels(address)
            .AddConsumer(provider => provider.GetRequiredService<StockChannel>().Consumer()));
    }
}
