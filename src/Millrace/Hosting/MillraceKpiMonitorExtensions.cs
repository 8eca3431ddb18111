using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Business;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Store;

namespace Millrace;

/// <summary>Adds the monitor of business figures.</summary>
public static class MillraceKpiMonitorExtensions
{
    private static readonly ServiceDescriptor MonitorAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<KpiMonitorService>());

    /// <summary>
    /// Examines the business figures of the model for anomalies, from their first hour, and sends a weekly report if it
    /// has channels. <see cref="KpiMonitor"/> returns both. The configuration section <c>Millrace:KpiMonitor</c>
    /// overrides the options.
    /// </summary>
    /// <remarks>
    /// One node at a time examines complete hours and sends reports. The host does not start if an option is not valid
    /// or a channel does not exist. The monitor cannot be used with tenants.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options; may be null.</param>
    public static MillraceBuilder UseKpiMonitor(
        this MillraceBuilder millrace, Action<KpiMonitorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        if (IsUsed(services))
            return millrace;
        services.AddSettings<KpiMonitorOptions>();
        services.AddSingleton(provider => new KpiMonitorSettings(provider));
        services.AddSingleton<IPostConfigureOptions<KpiMonitorOptions>>(provider =>
            provider.GetRequiredService<KpiMonitorSettings>());
        services.AddSingleton<IValidateOptions<KpiMonitorOptions>>(provider =>
            provider.GetRequiredService<KpiMonitorSettings>());
        services.AddSingleton(provider => KpiMonitorSettings.Build(
            provider.GetRequiredService<IOptions<KpiMonitorOptions>>().Value,
            provider.GetServices<INotificationChannel>()));
        services.AddSingleton(provider => new KpiMonitor(
            MonitorBuilderExtensions.HomeStore(provider), provider.GetRequiredService<Kpis>));
        services.AddSingleton(provider => new KpiMonitorService(
            MonitorBuilderExtensions.HomeStore(provider),
            provider.GetRequiredService<KpiMonitorSetup>(),
            provider.GetRequiredService<Kpis>,
            StoreServiceFactory.Loggers(provider).CreateLogger<KpiMonitorService>()));
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
        services.Any(service => service.ServiceType == typeof(KpiMonitorService));
}
