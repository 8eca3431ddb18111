using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Alerting;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Store;

namespace Millrace;

/// <summary>Adds alert rules over the metrics of the performance monitor.</summary>
public static class MillraceAlertExtensions
{
    private static readonly ServiceDescriptor AlertsAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<AlertService>());

    /// <summary>
    /// Adds the rules of <see cref="AlertCatalogue"/>, which write to the log, and <see cref="Alerts"/>. It includes
    /// <c>UseMonitor</c>. The configuration section <c>Millrace:Alerts</c> overrides options and rules.
    /// </summary>
    /// <remarks>
    /// One node at a time evaluates the rules and sends notices. The host does not start if an option or a rule is not
    /// valid, or if a rule names a channel that does not exist.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Adds rules and channels, and sets options.</param>
    public static MillraceBuilder UseAlerts(this MillraceBuilder millrace, Action<AlertsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        var existing = services.FirstOrDefault(service => service.ServiceType == typeof(AlertsBuilder));
        var builder = existing?.ImplementationInstance as AlertsBuilder ?? new AlertsBuilder(services);
        configure?.Invoke(builder);
        if (existing is not null)
            return millrace;
        millrace.UseMonitor();
        services.AddSingleton(builder);
        services.AddSettings<AlertOptions>();
        services.AddSingleton(provider => new AlertSettings(provider, builder));
        services.AddSingleton<IPostConfigureOptions<AlertOptions>>(provider =>
            provider.GetRequiredService<AlertSettings>());
        services.AddSingleton<IValidateOptions<AlertOptions>>(provider => provider.GetRequiredService<AlertSettings>());
        services.AddReload<AlertOptions>(
            static (_, key) => key.StartsWith(AlertSettings.Section + ":", StringComparison.OrdinalIgnoreCase),
            PrepareReload);
        services.AddSingleton<INotificationChannel>(provider =>
            new LogChannel(StoreServiceFactory.Loggers(provider).CreateLogger<LogChannel>()));
        services.AddSingleton(provider => provider.GetRequiredService<AlertSettings>().Build(
            provider.GetRequiredService<IOptions<AlertOptions>>().Value,
            provider.GetServices<INotificationChannel>()));
        services.AddSingleton(provider =>
            new Alerts(MonitorBuilderExtensions.HomeStore(provider), provider.GetRequiredService<AlertSetup>()));
        services.AddSingleton(provider => CreateService(provider, MonitorBuilderExtensions.HomeStore(provider)));
        services.Add(AlertsAsStoreService);
        return millrace;
    }

    /// <summary>Adds the alerts again after the services of a single store were removed.</summary>
    internal static void KeepService(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(AlertService))
            && !services.Contains(AlertsAsStoreService))
            services.Add(AlertsAsStoreService);
    }

    private static Action PrepareReload(IServiceProvider provider, AlertOptions changed)
    {
        var setup = provider.GetRequiredService<AlertSettings>().Build(
            changed, provider.GetServices<INotificationChannel>());
        return () => provider.GetRequiredService<AlertSetup>().Take(setup);
    }

    private static AlertService CreateService(IServiceProvider provider, EventStore store) => new(
        store,
        provider.GetRequiredService<AlertSetup>(),
        Locks.Of(store),
        provider.GetRequiredService<MetricHistory>().ReadLatest,
        StoreServiceFactory.Loggers(provider).CreateLogger<AlertService>());
}
