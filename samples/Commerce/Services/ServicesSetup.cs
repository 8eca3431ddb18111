using Commerce.Inventory;
using Commerce.Services.Discovery;

namespace Commerce.Services;

/// <summary>Adds the parts of a shop in two services, and the selected stock service.</summary>
public static class ServicesSetup
{
    /// <summary>Adds the stock service, with or without locks, and the registry.</summary>
    public static void AddStock(this IServiceCollection services, ShopOptions options)
    {
        services.AddSingleton(new StockLocking(options.StockLock is not null));
        services.AddScoped<StockLockScope>();
        services.AddScoped<LocalStockService>();
        if (options.Role == ShopRole.Orders)
            services.AddSingleton<IStockService, MessagingStockService>();
        else
            services.AddScoped<IStockService>(provider => provider.GetRequiredService<LocalStockService>());
        if (options.Broker is not null && options.Etcd is null)
        {
            services.AddSingleton<IServiceRegistry>(provider => new FileRegistry(
                Path.Combine(options.Data, "registry.db"),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()));
        }
    }

    /// <summary>Adds the broker. Adds the storage of the locks and of the registry if it is not the store.</summary>
    public static MillraceBuilder UseServices(
        this MillraceBuilder millrace, ShopOptions options, IConfiguration configuration)
    {
        millrace.UseBroker(options);
        if (options.Role == ShopRole.Orders)
            millrace.AddCircuitBreaker(
                MessagingStockService.Circuit, circuit => circuit.Counts = MessagingStockService.IsUnavailable);
        if (options.Etcd is { } etcd)
            millrace.UseEtcdRegistry(etcd.ToString());
        if (options.StockLock == StockLockProvider.Redis)
        {
            millrace.UseRedisLocks(
                RedisOf(options, configuration)
                    ?? throw new ArgumentException(
                        "--stock-lock redis needs a Redis: set its address in the environment variable "
                            + "Millrace__Redis__Address.",
                        nameof(options)));
        }
        return millrace;
    }

    /// <summary>Adds the registration of this service and the watcher of the other one.</summary>
    public static void AddDiscovery(this IServiceCollection services, ShopOptions options)
    {
        if (options.Broker is null)
            return;
        services.AddSingleton(options);
        services.AddHostedService<Registration>();
        services.AddSingleton<RemoteServiceWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<RemoteServiceWatcher>());
    }

    /// <summary>Returns the address of Redis for messages between nodes; null when none is configured.</summary>
    public static string? RedisOf(ShopOptions options, IConfiguration configuration) =>
        configuration["Millrace:Redis:Address"] is { Length: > 0 } named ? named
        : options.Broker == ShopBroker.Redis ? options.BrokerAddress
        : null;
}
