using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Retention;
using Millrace.Store;
using Millrace.Tenancy.Shared;

namespace Millrace;

/// <summary>Extension methods that read archived events.</summary>
public static class MillraceArchiveExtensions
{
    /// <summary>
    /// Reads archived events, so that streams, the log, rebuilds and audits contain them. The configuration section
    /// <c>Millrace:Archive</c> overrides the options. The package <c>Millrace.Archive</c> has an overload for Parquet.
    /// </summary>
    /// <remarks>
    /// <see cref="StoreArchive"/> is registered, and archives and restores events. If each tenant has its own store,
    /// create it for the store of the tenant. An application without this method cannot open a store with archived
    /// events.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options: place and format are required.</param>
    public static MillraceBuilder UseArchive(this MillraceBuilder millrace, Action<ArchiveOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var services = millrace.Services;
        services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(ArchiveSetup)))
            return millrace;
        services.AddSettings<ArchiveOptions>();
        services.AddSingleton(provider => new ArchiveSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<ArchiveOptions>>(provider =>
            provider.GetRequiredService<ArchiveSettings>());
        services.AddSingleton<IValidateOptions<ArchiveOptions>>(provider =>
            provider.GetRequiredService<ArchiveSettings>());
        services.AddSingleton(provider => new ArchiveMonitor(
            provider.GetRequiredService<TimeProvider>(), provider.GetService<IMeterFactory>()));
        services.AddSingleton(provider => new ArchiveSetup(
            provider.GetRequiredService<IOptions<ArchiveOptions>>().Value,
            provider.GetRequiredService<ArchiveMonitor>()));
        services.AddSingleton(provider => new StoreArchive(
            StoreOf(provider, millrace),
            provider.GetRequiredService<ArchiveSetup>().Options,
            provider.GetRequiredService<ArchiveMonitor>()));
        return millrace;
    }

    /// <summary>
    /// Archives regularly the streams that the options select, once a day by default. One node does it at a time. Needs
    /// <c>UseArchive</c>. The configuration section <c>Millrace:ArchiveSchedule</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// <see cref="ArchiveMonitor"/>, the health of the node and <c>millrace archive list</c> show the last run.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options.</param>
    /// <exception cref="InvalidOperationException">The application has no archive.</exception>
    public static MillraceBuilder ArchiveRegularly(
        this MillraceBuilder millrace, Action<ArchiveScheduleOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var services = millrace.Services;
        if (!services.Any(service => service.ServiceType == typeof(ArchiveSetup)))
            throw new InvalidOperationException("There is no archive. Call UseArchive before ArchiveRegularly.");
        services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(ArchiveScheduler)))
            return millrace;
        services.AddSettings<ArchiveScheduleOptions>();
        services.AddSingleton(provider => new ArchiveScheduleSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<ArchiveScheduleOptions>>(provider =>
            provider.GetRequiredService<ArchiveScheduleSettings>());
        services.AddSingleton<IValidateOptions<ArchiveScheduleOptions>>(provider =>
            provider.GetRequiredService<ArchiveScheduleSettings>());
        services.AddSingleton(provider => new ArchiveScheduler(
            provider.GetRequiredService<StoreArchive>,
            () => StoreOf(provider, millrace),
            provider.GetRequiredService<IOptions<ArchiveScheduleOptions>>().Value,
            provider.GetRequiredService<ArchiveMonitor>(),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<ArchiveScheduler>()));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<ArchiveScheduler>());
        return millrace;
    }

    /// <summary>Keeps the scheduler of an application whose services of the store were replaced for tenants.</summary>
    internal static void AddSchedulerForTenants(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ArchiveScheduler)))
            services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<ArchiveScheduler>());
    }

    /// <exception cref="InvalidOperationException">Each tenant has its own store.</exception>
    private static EventStore StoreOf(IServiceProvider provider, MillraceBuilder millrace) =>
        !millrace.HasTenants ? provider.GetRequiredService<EventStore>()
        : provider.GetRequiredService<Tenants>().Storage is SharedTenants shared ? shared.Store
        : throw new InvalidOperationException(
            "Each tenant has its own store. Create StoreArchive for the store of the tenant, and run it by a schedule "
                + "of the application.");
}
