using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Millrace.Auditing;
using Millrace.Backups;
using Millrace.Consuming;
using Millrace.Hosting.Access;
using Millrace.Hosting.Configuration;
using Millrace.Locking;
using Millrace.Monitoring;
using Millrace.Projecting;
using Millrace.Protection;
using Millrace.Store;
using Millrace.Tenancy.Sharded;
using Millrace.Tenancy.Shared;

namespace Millrace.Hosting;

/// <summary>
/// Registers the services of an application with tenants. The services of the store are scoped, and belong to the
/// tenant of the scope.
/// </summary>
internal static class TenantRegistration
{
    private static readonly ServiceDescriptor SharedAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<SharedConsumers>());

    public static void Apply(IServiceCollection services, MillraceBuilder builder)
    {
        if (!services.Any(service => service.ServiceType == typeof(Tenants)))
            AddTenants(services, builder);
        ShardRegistration.ThrowIfOneLogIsNeeded(services, builder);
        if (services.Any(service => service.ServiceType == typeof(LogAudit)))
            AuditShared(services, builder);
        if (MonitorBuilderExtensions.IsUsed(services) && builder.TenantStorage is not null)
        {
            throw new InvalidOperationException(
                "UseMonitor cannot be used when each tenant has its own store: the history needs a store that tenants "
                    + "share. Remove it, and export the metrics with Millrace.OpenTelemetry.");
        }
        if (MillraceRecoveryExtensions.IsUsed(services))
        {
            throw new InvalidOperationException(
                "UseRecovery cannot be used with tenants: each tenant has its own consumers. Remove it.");
        }
        if (MillraceKpiMonitorExtensions.IsUsed(services))
        {
            throw new InvalidOperationException(
                "UseKpiMonitor cannot be used with tenants: each tenant has its own business figures. Remove it.");
        }
        MonitorBuilderExtensions.KeepService(services);
        MillraceRetentionExtensions.AddSchedulerForTenants(services);
        MillraceArchiveExtensions.AddSchedulerForTenants(services);
        MillraceAlertExtensions.KeepService(services);
        MillraceCapacityExtensions.KeepService(services);
        if (services.Any(service =>
            service.ServiceType == typeof(SealSetup) || service.ServiceType == typeof(BackupSetup)))
            AddSharedConsumers(services, builder);
        AccessRegistration.ReplaceForTenants(services, provider => Of(provider).Access);
        QueryCacheRegistration.RemoveForTenants(services);
        ViewRegistration.ReplaceForTenants(services, provider => Of(provider).Views);
        foreach (var projection in builder.Model.Projections)
            projection.Register(services, ServiceLifetime.Scoped, provider => Of(provider).Consumers);
    }

    /// <summary>
    /// Returns the store that all tenants share, for data that belongs to no tenant; with shards, that of the home
    /// shard.
    /// </summary>
    /// <exception cref="InvalidOperationException">Each tenant has its own store.</exception>
    public static EventStore SharedStore(IServiceProvider provider) =>
        FindSharedStore(provider.GetRequiredService<Tenants>()) ?? throw new InvalidOperationException(
            "The service registry needs a store that tenants share, and each tenant has its own store. Use another "
                + "registry: UseEtcdRegistry of Millrace.Etcd, or your own IServiceRegistry.");

    /// <summary>Returns the store that all tenants share; null if each tenant has its own store.</summary>
    public static EventStore? FindSharedStore(Tenants tenants) => tenants.Storage switch
    {
        SharedTenants shared => shared.Store,
        ShardedTenants sharded => sharded.HomeStore,
        _ => null,
    };

    private static void AddTenants(IServiceCollection services, MillraceBuilder builder)
    {
        services.AddSettings<TenantOptions>();
        services.AddSingleton(provider => new TenantSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<TenantOptions>>(provider =>
            provider.GetRequiredService<TenantSettings>());
        services.AddSingleton<IValidateOptions<TenantOptions>>(provider =>
            provider.GetRequiredService<TenantSettings>());
        services.AddSingleton(provider => Create(provider, builder));
        services.AddScoped<CurrentTenant>();
        foreach (var single in services.Where(service => IsReadModel(service.ServiceType)).ToArray())
            services.Remove(single);
        services.RemoveAll<ConsumerHost>();
        services.RemoveAll<IStoreService>();
        Replace(services, runtime => runtime.Store);
        Replace(services, runtime => runtime.Aggregates);
        Replace(services, runtime => runtime.Commands);
        Replace(services, runtime => runtime.Queries);
        Replace(services, runtime => new Consumers(runtime.Consumers));
        Replace(services, runtime => new DeadLetters(runtime.Consumers));
        Replace(services, runtime => new StoreLockProvider(runtime.Store));
        Replace(services, runtime => new Fences(runtime.Store));
        Replace(services, (provider, runtime) => new Projections(
            runtime.Consumers, provider.GetRequiredService<ModelCatalog>().Projections));
        Replace(services, (provider, runtime) => new Explanations(
            runtime.Consumers, provider.GetRequiredService<ModelCatalog>(), builder.SqlProjections));
        services.AddScoped(typeof(IReadModel<,>), typeof(UnknownReadModel<,>));
    }

    private static Tenants Create(IServiceProvider provider, MillraceBuilder builder)
    {
        var options = StoreServiceFactory.Options(provider);
        var services = StoreServiceFactory.Services(
            provider,
            provider.GetService<System.Diagnostics.Metrics.IMeterFactory>(),
            new ProtectionScope("", HasTenantPrefixes: true));
        var storage =
            builder.TenantStorage is { } own ? own(provider)
            : builder.Storage is { } shared
                ? new SharedTenants(StoreServiceFactory.WithCopy(provider, shared(provider)), options, services)
            : throw new InvalidOperationException(StoreOptionsValidator.NoStorage);
        return new Tenants(
            storage,
            tenant => new TenantRuntime(provider, builder, storage.Of(tenant), tenant),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<IOptions<TenantOptions>>().Value,
            services.Time,
            services.Loggers)
        {
            ClearCaches = () => QueryCacheRegistration.ClearMemory(provider),
        };
    }

    private static TenantRuntime Of(IServiceProvider provider) =>
        (TenantRuntime)provider.GetRequiredService<CurrentTenant>().Runtime;

    private static void Replace<T>(IServiceCollection services, Func<TenantRuntime, T> get)
        where T : class => Replace(services, (_, runtime) => get(runtime));

    private static void Replace<T>(IServiceCollection services, Func<IServiceProvider, TenantRuntime, T> get)
        where T : class
    {
        services.RemoveAll<T>();
        services.AddScoped(provider => get(provider, Of(provider)));
    }

    private static bool IsReadModel(Type service) =>
        service.IsGenericType && service.GetGenericTypeDefinition() == typeof(IReadModel<,>);

    /// <summary>
    /// Seals and backs up the log that tenants share. If each tenant has its own log, its consumers do it.
    /// </summary>
    private static void AddSharedConsumers(IServiceCollection services, MillraceBuilder builder)
    {
        if (builder.TenantStorage is not null)
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SealOptions>, TenantSealSettings>());
            return;
        }
        services.TryAddSingleton(provider => new SharedConsumers(provider, () => SharedStore(provider)));
        if (!services.Contains(SharedAsStoreService))
            services.Add(SharedAsStoreService);
    }

    /// <summary>Registers the audit of the one log that tenants share.</summary>
    private static void AuditShared(IServiceCollection services, MillraceBuilder builder)
    {
        if (builder.TenantStorage is not null)
        {
            throw new InvalidOperationException(
                "AddLogAudit cannot be used when each tenant has its own store: it would keep all stores open with "
                    + "their connections. Remove it, and verify each store regularly: millrace verify --store … "
                    + "--tenant NAME"
            );
        }
        services.RemoveAll<LogAuditor>();
        services.RemoveAll<IStoreService>();
        services.AddSingleton(provider => LogAuditRegistration.CreateAuditor(provider, SharedStore(provider)));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<LogAuditor>());
    }
}
