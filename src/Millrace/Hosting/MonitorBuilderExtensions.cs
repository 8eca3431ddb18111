using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Metrics;
using Millrace.Store;

namespace Millrace;

/// <summary>Extension methods that monitor the performance of an application.</summary>
public static class MonitorBuilderExtensions
{
    private static readonly ServiceDescriptor MonitorAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<PerformanceMonitor>());

    /// <summary>
    /// Monitors the performance of each node and stores the history: minutes for a week, and hours for a year.
    /// <see cref="MetricHistory"/> returns it. The configuration section <c>Millrace:Monitor</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// The history is stored in documents of the store; with shards, of the home shard. If each tenant has its own
    /// store, the monitor cannot be used.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options; may be null.</param>
    public static MillraceBuilder UseMonitor(this MillraceBuilder millrace, Action<MonitorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        if (IsUsed(services))
            return millrace;
        services.AddSettings<MonitorOptions>();
        services.AddSingleton(provider => new MonitorSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<MonitorOptions>>(provider =>
            provider.GetRequiredService<MonitorSettings>());
        services.AddSingleton<IValidateOptions<MonitorOptions>>(provider =>
            provider.GetRequiredService<MonitorSettings>());
        services.AddReload<MonitorOptions>(
            static (_, key) => MonitorSettings.IsReloadable(key),
            static (provider, changed) => () => provider.GetRequiredService<PerformanceMonitor>().Take(changed));
        services.AddSingleton(provider => new MetricHistory(HomeStore(provider)));
        services.AddSingleton(provider => new PerformanceMonitor(
            () => HomeStore(provider),
            provider.GetService<IMeterFactory>(),
            provider.GetRequiredService<IOptions<MonitorOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<PerformanceMonitor>()));
        services.Add(MonitorAsStoreService);
        return millrace;
    }

    /// <summary>Adds the monitor again after the services of a single store were removed.</summary>
    internal static void KeepService(IServiceCollection services)
    {
        if (IsUsed(services) && !services.Contains(MonitorAsStoreService))
            services.Add(MonitorAsStoreService);
    }

    /// <summary>Returns whether an application uses the monitor.</summary>
    internal static bool IsUsed(IServiceCollection services) =>
        services.Any(service => service.ServiceType == typeof(PerformanceMonitor));

    internal static EventStore HomeStore(IServiceProvider provider) =>
        provider.GetRequiredService<MillraceBuilder>().HasTenants ? TenantRegistration.SharedStore(provider)
        : provider.GetService<StreamShards>() is { } shards ? shards.HomeStore
        : provider.GetRequiredService<EventStore>();
}
