using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Auditing;
using Millrace.Backups;
using Millrace.Hosting.Configuration;
using Millrace.Protection;
using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy.Sharded;
using Millrace.Tenancy.Shared;

namespace Millrace.Hosting;

/// <summary>Registers the services of an application with several shards.</summary>
internal static class ShardRegistration
{
    public static void AddOptions(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ShardSettings)))
            return;
        services.AddSettings<ShardOptions>();
        services.AddSingleton(provider => new ShardSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<ShardOptions>>(provider =>
            provider.GetRequiredService<ShardSettings>());
        services.AddSingleton<IValidateOptions<ShardOptions>>(provider =>
            provider.GetRequiredService<ShardSettings>());
    }

    /// <summary>Distributes the tenants of an application over its shards.</summary>
    public static MillraceBuilder PlaceByTenant(
        MillraceBuilder builder, IReadOnlyList<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> shards)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<Shards>(provider =>
        {
            var tenants = (ShardedTenants)provider.GetRequiredService<Tenants>().Storage;
            return new Shards(tenants.Shards) { Mover = tenants.CreateMover() };
        }));
        Func<IServiceProvider, ITenantStorage> create = provider =>
        {
            var meters = CreateMeters(provider, shards);
            var stores = shards.Select((one, index) =>
                (one.Shard, (IShardStore)TenantsOf(provider, one.Storage(provider), meters[index])));
            return new ShardedTenants(Connect(provider, ShardPlacement.Tenant, [.. stores], meters));
        };
        builder.Services.Replace(ServiceDescriptor.Singleton(new ShardedTenantsMark(create)));
        return builder.UseTenantStorage(create);
    }

    /// <summary>Returns whether the tenants of an application are distributed over shards.</summary>
    public static bool PlacesTenants(IServiceCollection services) =>
        services.Any(service => service.ServiceType == typeof(ShardedTenantsMark));

    /// <exception cref="InvalidOperationException">The application uses a feature that needs one log, or another
    /// storage than its shards.</exception>
    public static void ThrowIfOneLogIsNeeded(IServiceCollection services, MillraceBuilder builder)
    {
        var mark = services
            .FirstOrDefault(service => service.ServiceType == typeof(ShardedTenantsMark))?.ImplementationInstance;
        if (mark is not ShardedTenantsMark shards)
            return;
        if (builder.TenantStorage != shards.Create)
        {
            throw new InvalidOperationException(
                "UseShards chooses the storage of the application. Remove the other storage, such as UseSqlite or "
                    + "UsePostgreSql, outside of UseShards.");
        }
        if (services.Any(service => service.ServiceType == typeof(SealSetup)))
            throw NeedsOneLog("Seals", "verify each store regularly: millrace verify --store …");
        if (services.Any(service => service.ServiceType == typeof(BackupSetup)))
            throw NeedsOneLog("Continuous backups", "back up each store with 'millrace backup' or its own tools");
        if (services.Any(service => service.ServiceType == typeof(ArchiveSetup)))
            throw NeedsOneLog("UseArchive", "keep the events in the shards");
        if (services.Any(service => service.ServiceType == typeof(LogAudit)))
            throw NeedsOneLog("AddLogAudit", "verify each store regularly: millrace verify --store …");
    }

    private static InvalidOperationException NeedsOneLog(string feature, string instead) =>
        new($"{feature} cannot be used with UseShards, because each shard has its own log. Remove it, and {instead}.");

    public static ShardSet Connect(
        IServiceProvider provider,
        ShardPlacement placement,
        IReadOnlyList<(ShardId, IShardStore)> shards,
        IReadOnlyList<IDisposable> owned) => new(
            shards,
            placement,
            provider.GetRequiredService<IOptions<ShardOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            new ShardMetrics(provider.GetService<IMeterFactory>()),
            StoreServiceFactory.Loggers(provider).CreateLogger<Shards>())
        {
            Owned = owned,
        };

    /// <summary>Creates the meters of each shard.</summary>
    public static TaggedMeters[] CreateMeters(
        IServiceProvider provider, IEnumerable<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> shards) =>
    [
        .. shards.Select(one =>
            new TaggedMeters(provider.GetService<IMeterFactory>(), ShardMetrics.ShardTag, one.Shard.Value)),
    ];

    private static SharedTenants TenantsOf(IServiceProvider provider, IStorage storage, IMeterFactory meters) =>
        new SharedTenants(
            StoreServiceFactory.WithCopy(provider, storage),
            StoreServiceFactory.Options(provider),
            StoreServiceFactory.Services(provider, meters, new ProtectionScope("", HasTenantPrefixes: true)));

    /// <summary>Marks an application whose tenants are distributed over shards.</summary>
    private sealed record ShardedTenantsMark(Func<IServiceProvider, ITenantStorage> Create);
}
