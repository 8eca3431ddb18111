using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Messaging;
using Millrace.Recovering;
using Millrace.Store;

namespace Millrace;

/// <summary>Adds the recovery manager.</summary>
public static class MillraceRecoveryExtensions
{
    private static readonly ServiceDescriptor RecoveryAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<RecoveryService>());

    /// <summary>
    /// Adds the recovery manager with the rules of <see cref="RecoveryCatalogue"/>, and <see cref="Recovery"/>. It
    /// includes <c>UseMonitor</c>. The configuration section <c>Millrace:Recovery</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// One node at a time diagnoses faults, runs the actions of the rules, checks the health afterwards, and leaves the
    /// fault to a person after a number of attempts. The host does not start if an option or a rule is not valid, or if
    /// a rule names an action that does not exist. Each further <see cref="IRecoveryAction"/> is a singleton service.
    /// The recovery manager cannot be used with tenants.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets options and adds rules; may be null.</param>
    public static MillraceBuilder UseRecovery(
        this MillraceBuilder millrace, Action<RecoveryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        if (IsUsed(services))
            return millrace;
        millrace.UseMonitor();
        services.AddSettings<RecoveryOptions>();
        services.AddSingleton(provider => new RecoverySettings(provider));
        services.AddSingleton<IPostConfigureOptions<RecoveryOptions>>(provider =>
            provider.GetRequiredService<RecoverySettings>());
        services.AddSingleton<IValidateOptions<RecoveryOptions>>(provider =>
            provider.GetRequiredService<RecoverySettings>());
        services.AddSingleton<IRecoveryAction>(provider =>
            new RestartConsumerAction(provider.GetRequiredService<Consumers>));
        services.AddSingleton<IRecoveryAction>(provider => new ReconnectBrokerAction(
            () => TransportsOf(provider), provider.GetRequiredService<Consumers>));
        services.AddSingleton(provider => RecoverySettings.Build(
            provider.GetRequiredService<IOptions<RecoveryOptions>>().Value,
            provider.GetServices<IRecoveryAction>()));
        services.AddSingleton(provider => new Recovery(
            MonitorBuilderExtensions.HomeStore(provider), provider.GetRequiredService<Consumers>));
        services.AddSingleton(CreateService);
        services.Add(RecoveryAsStoreService);
        return millrace;
    }

    /// <summary>Adds the recovery manager again after the services of a single store were removed.</summary>
    internal static void KeepService(IServiceCollection services)
    {
        if (IsUsed(services) && !services.Contains(RecoveryAsStoreService))
            services.Add(RecoveryAsStoreService);
    }

    /// <summary>Returns whether an application uses the recovery manager.</summary>
    internal static bool IsUsed(IServiceCollection services) =>
        services.Any(service => service.ServiceType == typeof(RecoveryService));

    private static RecoveryService CreateService(IServiceProvider provider)
    {
        var store = MonitorBuilderExtensions.HomeStore(provider);
        var node = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");
        var audit = new AuditProbe(provider.GetService<LogAudit>(), provider.GetService<ContinuousBackup>());
        var brokers = TransportsOf(provider) is { } transports ? new TransportProbe(transports, node) : null;
        List<IRecoveryProbe> probes =
        [
            new ConsumerProbe(
                cancellationToken => provider.GetRequiredService<Consumers>().List(cancellationToken),
                () => TransportsOf(provider)?.List() ?? [],
                audit,
                brokers is null ? null : brokers.FindFault),
            new MetricProbe(provider.GetRequiredService<MetricHistory>().ReadLatest),
            new ClockProbe(store.Time, node),
        ];
        if (brokers is not null)
            probes.Add(brokers);
        return new RecoveryService(
            store,
            provider.GetRequiredService<RecoverySetup>(),
            probes,
            audit,
            node,
            StoreServiceFactory.Loggers(provider).CreateLogger<RecoveryService>());
    }

    private static Transports? TransportsOf(IServiceProvider provider) =>
        provider.GetRequiredService<MillraceBuilder>().HasTransports ? provider.GetService<Transports>() : null;
}
