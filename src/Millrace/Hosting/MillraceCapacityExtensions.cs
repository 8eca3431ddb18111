using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Scaling;
using Millrace.Store;

namespace Millrace;

/// <summary>Extension methods that adjust the number of nodes to the load.</summary>
public static class MillraceCapacityExtensions
{
    private static readonly ServiceDescriptor CapacityAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<CapacityService>());

    /// <summary>
    /// Adjusts the number of nodes to the load that the performance monitor measures. The configuration section
    /// <c>Millrace:Capacity</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// One node at a time decides, and calls the hook with the new number. A decision is stored first, so that it is
    /// neither lost nor made twice. The monitor is added if the application does not use it.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="createHook">Creates the hook, such as a <see cref="CapacityScript"/>.</param>
    /// <param name="configure">Sets the options.</param>
    public static MillraceBuilder UseCapacity(
        this MillraceBuilder millrace,
        Func<IServiceProvider, ICapacityHook> createHook,
        Action<CapacityOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(createHook);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        services.AddSingleton(createHook);
        if (IsUsed(services))
            return millrace;
        millrace.UseMonitor();
        services.AddSettings<CapacityOptions>();
        services.AddSingleton<IPostConfigureOptions<CapacityOptions>>(provider =>
            new CapacitySettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<CapacityOptions>>(provider =>
            new CapacitySettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton(provider => new Capacity(MonitorBuilderExtensions.HomeStore(provider)));
        services.AddSingleton(provider => new CapacityService(
            MonitorBuilderExtensions.HomeStore(provider),
            provider.GetRequiredService<IOptions<CapacityOptions>>().Value.Copy(),
            provider.GetRequiredService<ICapacityHook>(),
            provider.GetRequiredService<MetricHistory>().ReadLatest,
            StoreServiceFactory.Loggers(provider).CreateLogger<CapacityService>()));
        services.Add(CapacityAsStoreService);
        return millrace;
    }

    /// <summary>Adds the service again after the services of a single store were removed.</summary>
    internal static void KeepService(IServiceCollection services)
    {
        if (IsUsed(services) && !services.Contains(CapacityAsStoreService))
            services.Add(CapacityAsStoreService);
    }

    private static bool IsUsed(IServiceCollection services) =>
        services.Any(static service => service.ServiceType == typeof(CapacityService));
}
