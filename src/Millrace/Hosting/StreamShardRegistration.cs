using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Auditing;
using Millrace.Backups;
using Millrace.Consuming;
using Millrace.Explaining;
using Millrace.Hosting.Access;
using Millrace.Locking;
using Millrace.Materializing;
using Millrace.Retention;
using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Registers the services of an application whose streams are in several shards.</summary>
internal static class StreamShardRegistration
{
    private static readonly ServiceDescriptor ShardsAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<StreamShards>());

    /// <summary>Distributes the streams of an application over its shards.</summary>
    public static MillraceBuilder Place(
        MillraceBuilder builder,
        ShardPlacement placement,
        IReadOnlyList<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> shards)
    {
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => Create(provider, builder, placement, shards)));
        builder.Services.Replace(ServiceDescriptor.Singleton(provider => CreateService(provider, builder)));
        return builder.UseStorage(provider => provider.GetRequiredService<StreamShards>().Storage);
    }

    /// <summary>Returns whether the streams of an application are distributed over shards.</summary>
    public static bool IsUsed(IServiceCollection services) =>
        services.Any(service => service.ServiceType == typeof(StreamShards));

    /// <summary>Replaces the services that need the log of one store.</summary>
    /// <exception cref="InvalidOperationException">The application uses a feature that needs one log.</exception>
    /// <exception cref="ReadModelShardException">The documents of a read model cannot be combined.</exception>
    public static void Apply(IServiceCollection services, MillraceBuilder builder)
    {
        ThrowIfOneLogIsNeeded(services, builder);
        if (!services.Contains(ShardsAsStoreService))
            ReplaceServices(services, builder.SqlProjections);
        MonitorBuilderExtensions.KeepService(services);
        MillraceAlertExtensions.KeepService(services);
        MillraceCapacityExtensions.KeepService(services);
        MillraceRecoveryExtensions.KeepService(services);
        MillraceKpiMonitorExtensions.KeepService(services);
        foreach (var projection in builder.Model.Projections)
            projection.RegisterSharded(services, provider => provider.GetRequiredService<StreamShards>());
    }

    private static void ReplaceServices(IServiceCollection services, IReadOnlyList<SqlProjection> tables)
    {
        foreach (var single in services.Where(service => IsReadModel(service.ServiceType)).ToArray())
            services.Remove(single); // Those of models that were added before the shards.
        services.RemoveAll<IStoreService>();
        services.RemoveAll<ConsumerHost>();
        services.Add(ShardsAsStoreService);
        services.AddSingleton<IStoreService, KeyErasureForwarder>();
        Replace(services, shards => new Consumers(shards.Hosts));
        Replace(services, shards => new DeadLetters(shards.Hosts));
        Replace(services, (provider, shards) => new Projections(
            shards.Hosts, provider.GetRequiredService<ModelCatalog>().Projections));
        Replace(services, (provider, shards) => new Explanations(new ShardExplanations(
            shards.Hosts,
            async (stream, cancel) =>
                (await shards.Storage.Placer.FindShard(stream, cancel).ConfigureAwait(false)).Value,
            provider.GetRequiredService<ModelCatalog>(),
            tables)));
        Replace(services, shards => new StoreLockProvider(shards.HomeStore));
        Replace(services, shards => new Fences(shards.HomeStore));
        Replace<IServiceRegistry>(services, shards => new StoreRegistry(shards.HomeStore));
        AccessRegistration.UseHomeShard(services, provider => provider.GetRequiredService<StreamShards>().HomeStore);
    }

    private static Shards CreateService(IServiceProvider provider, MillraceBuilder builder)
    {
        var shards = provider.GetRequiredService<StreamShards>();
        return new Shards(shards.Shards)
        {
            Services = new ShardServices(shards, provider.GetRequiredService<ModelCatalog>(), builder.SqlProjections),
        };
    }

    private static StreamShards Create(
        IServiceProvider provider,
        MillraceBuilder builder,
        ShardPlacement placement,
        IReadOnlyList<(ShardId Shard, Func<IServiceProvider, IStorage> Storage)> shards)
    {
        var meters = ShardRegistration.CreateMeters(provider, shards);
        (ShardId Shard, ShardRuntime Runtime)[] runtimes =
        [
            .. shards.Select((one, index) =>
                (one.Shard, new ShardRuntime(provider, builder, one.Storage(provider), meters[index]))),
        ];
        var set = ShardRegistration.Connect(
            provider, placement, [.. runtimes.Select(static one => (one.Shard, (IShardStore)one.Runtime))], meters);
        return new StreamShards(set, runtimes, provider.GetRequiredService<TimeProvider>());
    }

    private static void Replace<T>(IServiceCollection services, Func<StreamShards, T> create)
        where T : class =>
        Replace(services, (_, shards) => create(shards));

    private static void Replace<T>(IServiceCollection services, Func<IServiceProvider, StreamShards, T> create)
        where T : class =>
        services.Replace(ServiceDescriptor.Singleton(provider =>
            create(provider, provider.GetRequiredService<StreamShards>())));

    private static void ThrowIfOneLogIsNeeded(IServiceCollection services, MillraceBuilder builder)
    {
        (bool IsUsed, string Feature)[] features =
        [
            (builder.HasTenants, "WithTenants"),
            (builder.HasTransports, "Transports"),
            (Has<SealSetup>(services), "Seals"),
            (Has<BackupSetup>(services), "Continuous backups"),
            (Has<ArchiveSetup>(services), "UseArchive"),
            (Has<LogAudit>(services), "AddLogAudit"),
            (Has<LogCopySetup>(services), "UseLogCopy"),
            (Has<ViewDeclarations>(services), "Materialized views"),
            (Has<QueryCacheBuilder>(services), "The cache of answers"),
            (Has<RetentionScheduler>(services), "Retention"),
            (Has<Erasures>(services), "AddErasures"),
            (Has<Reports>(services), "Reports"),
        ];
        var used = features.Where(static one => one.IsUsed).Select(static one => one.Feature).ToList();
        if (used.Count > 0)
            throw new InvalidOperationException(
                $"{string.Join(", ", used)} cannot be used with PlaceByStream or PlaceByTime, because each shard has "
                    + "its own log. Remove it, or use PlaceByTenant.");
    }

    private static bool IsReadModel(Type service) =>
        service.IsConstructedGenericType && service.GetGenericTypeDefinition() == typeof(IReadModel<,>);

    private static bool Has<T>(IServiceCollection services) =>
        services.Any(static service => service.ServiceType == typeof(T));
}
