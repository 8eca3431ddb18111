using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace;
using Millrace.Commands;
using Millrace.Consuming;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Hosting.Nodes;
using Millrace.Locking;
using Millrace.Messaging;
using Millrace.Messaging.Receiving;
using Millrace.Projecting;
using Millrace.Queries;
using Millrace.Store;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add Millrace to an application.</summary>
public static class MillraceServiceCollectionExtensions
{
    /// <summary>
    /// Adds an event store with its model. Registers <see cref="EventStore"/>, <see cref="ICommandBus"/>,
    /// <see cref="IQueryBus"/> and <see cref="AggregateRepository"/>. The host opens the store before all other
    /// services and closes it last. A second call adds to the same store.
    /// </summary>
    /// <remarks>Options are validated when the host starts, and all problems are reported together.</remarks>
    public static IServiceCollection AddMillrace(this IServiceCollection services, Action<MillraceBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var builder = FindBuilder(services);
        if (builder is null)
        {
            builder = new MillraceBuilder(services);
            services.AddSingleton(builder);
            AddOptions(services, builder);
            AddRuntime(services, builder);
            MillraceReadinessExtensions.Add(services, builder);
            KpiRegistration.Add(services);
        }
        configure(builder);
        if (builder.HasTimers)
        {
            services.TryAddTransient(provider => new Timers(
                provider.GetRequiredService<EventStore>(), provider.GetRequiredService<ModelCatalog>(), isTool: false));
        }
        if (builder.HasTenants)
        {
            TenantRegistration.Apply(services, builder);
            return services;
        }
        if (StreamShardRegistration.IsUsed(services))
        {
            StreamShardRegistration.Apply(services, builder);
            return services;
        }
        foreach (var projection in builder.Model.Projections)
            projection.Register(
                services, ServiceLifetime.Singleton, provider => provider.GetRequiredService<ConsumerHost>());
        TuningRegistration.Add(services);
        return services;
    }

    private static MillraceBuilder? FindBuilder(IServiceCollection services)
    {
        foreach (var service in services)
        {
            if (service.ServiceType == typeof(MillraceBuilder)
                && service.ImplementationInstance is MillraceBuilder builder)
                return builder;
        }
        return null;
    }

    private static void AddOptions(IServiceCollection services, MillraceBuilder builder)
    {
        services.AddSettings<StoreOptions>();
        services.AddSettings<CommandOptions>();
        services.AddSingleton<IPostConfigureOptions<StoreOptions>>(
            provider => new StoreSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<CommandOptions>>(
            provider => new CommandSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<StoreOptions>>(new StoreOptionsValidator(builder));
        services.AddSingleton<IValidateOptions<CommandOptions>, CommandOptionsValidator>();
        services.AddSettings<ConsumerOptions>();
        services.AddSingleton<IPostConfigureOptions<ConsumerOptions>>(
            provider => new ConsumerSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<ConsumerOptions>, ConsumerOptionsValidator>();
        services.AddSingleton(provider => new LiveConsumerOptions(
            provider.GetRequiredService<IOptions<ConsumerOptions>>().Value));
        services.AddReload<ConsumerOptions>(
            static (provider, key) => provider.GetRequiredService<LiveConsumerOptions>().IsReloadable(key),
            static (provider, changed) =>
                () => provider.GetRequiredService<LiveConsumerOptions>().Take(changed));
        services.AddOptions<TransportOptions>();
        services.AddSingleton<IPostConfigureOptions<TransportOptions>>(
            provider => new TransportSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<TransportOptions>, TransportOptionsValidator>();
        services.AddOptions<MessageBodyOptions>();
        services.AddSingleton<IPostConfigureOptions<MessageBodyOptions>>(
            provider => new MessageBodySettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IValidateOptions<MessageBodyOptions>>(
            provider => new MessageBodySettings(provider.GetService<MillraceConfiguration>()));
    }

    private static void AddRuntime(IServiceCollection services, MillraceBuilder builder)
    {
        MillraceNodeExtensions.AddState(services);
        services.TryAddSingleton(_ => new ModelCatalog(builder.Model));
        services.TryAddSingleton(static provider => StoreServiceFactory.UnmarkedMembers(provider));
        services.TryAddSingleton(provider => CreateStore(provider, builder));
        services.TryAddSingleton(provider =>
            StoreServiceFactory.Aggregates(provider, provider.GetRequiredService<EventStore>()));
        services.TryAddSingleton(provider =>
            StoreServiceFactory.Commands(provider, provider.GetRequiredService<AggregateRepository>(), Meters(provider))
        );
        services.TryAddSingleton(provider => StoreServiceFactory.Queries(
            provider,
            provider.GetRequiredService<EventStore>(),
            Meters(provider),
            provider.GetService<QueryCache>()));
        services.TryAddSingleton(provider => StoreServiceFactory.Consumers(
            provider, builder, provider.GetRequiredService<EventStore>(), Meters(provider)));
        services.TryAddSingleton(MessagingSetup.CreateBodies);
        services.TryAddSingleton(provider => MessagingSetup.Create(provider, builder));
        services.TryAddSingleton(provider => new Projections(
            provider.GetRequiredService<ConsumerHost>(), provider.GetRequiredService<ModelCatalog>().Projections));
        services.TryAddSingleton(provider =>
            new ProjectionDefinitions(provider.GetRequiredService<ModelCatalog>().Projections));
        services.TryAddSingleton(typeof(IReadModel<,>), typeof(UnknownReadModel<,>));
        services.TryAddSingleton(provider => new Consumers(provider.GetRequiredService<ConsumerHost>()));
        services.TryAddTransient(provider => new Schedules(
            provider.GetRequiredService<EventStore>(), provider.GetRequiredService<ModelCatalog>()));
        services.TryAddTransient(provider => new Processes(provider.GetRequiredService<EventStore>()));
        AddLocks(services);
        AddDiscovery(services, builder);
        services.TryAddSingleton(provider => new CircuitBreakers(
            provider.GetRequiredService<TimeProvider>(), builder.Circuits));
        services.TryAddSingleton(provider => new DeadLetters(provider.GetRequiredService<ConsumerHost>()));
        services.TryAddSingleton(provider => new Explanations(
            provider.GetRequiredService<ConsumerHost>(),
            provider.GetRequiredService<ModelCatalog>(),
            builder.SqlProjections));
        services.TryAddSingleton<IndexBuildGate>();
        services.AddSingleton<IStoreService>(provider => StoreServiceFactory.QueryUses(
            provider, provider.GetRequiredService<EventStore>()));
        services.AddSingleton<IStoreService>(provider => StoreServiceFactory.AdvisedIndexes(
            provider, provider.GetRequiredService<EventStore>()));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<ConsumerHost>());
        services.TryAddSingleton(provider => MessagingSetup.CreateReceivers(provider, builder));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<ReceiverHost>());
        services.TryAddSingleton(provider => provider.GetRequiredService<ReceiverHost>().Requests);
        services.AddSingleton<IStoreService>(provider => MessagingSetup.CreateBodyRemoval(provider, builder));
        services.TryAddTransient<ICommandBus>(provider => new CommandBus(
            provider.GetRequiredService<CommandDispatcher>(), provider));
        services.TryAddTransient<IQueryBus>(provider => new QueryBus(
            provider.GetRequiredService<QueryDispatcher>(), provider));
        services.AddSingleton<IHostedService>(provider =>
            builder.HasTenants
                ? new TenantsHost(
                    provider.GetRequiredService<Tenants>,
                    provider.GetServices<IStoreService>,
                    builder.HasConsumers,
                    provider.GetRequiredService<NodeStart>(),
                    () => new StoreOpener(
                        StoreServiceFactory.Options(provider).OpenTimeout,
                        provider.GetRequiredService<TimeProvider>(),
                        StoreServiceFactory.Loggers(provider).CreateLogger<StoreOpener>()),
                    StoreServiceFactory.Loggers(provider).CreateLogger<TenantsHost>())
                : new StoreHost(
                    provider.GetRequiredService<EventStore>,
                    provider.GetServices<IStoreService>,
                    provider.GetRequiredService<NodeStart>(),
                    StoreServiceFactory.Loggers(provider).CreateLogger<StoreHost>()));
    }

    /// <summary>Adds locks in the store, unless an adapter has registered another lock provider.</summary>
    private static void AddLocks(IServiceCollection services)
    {
        services.TryAddSingleton(provider => new StoreLockProvider(provider.GetRequiredService<EventStore>()));
        services.TryAddSingleton(provider => new Fences(provider.GetRequiredService<EventStore>()));
        services.TryAddTransient<ILockProvider>(provider => provider.GetRequiredService<StoreLockProvider>());
        services.TryAddTransient(provider => new Locks(
            provider.GetRequiredService<ILockProvider>(),
            provider.GetRequiredService<TimeProvider>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<Locks>()));
    }

    /// <summary>
    /// Adds the service registry in the store, unless an adapter has registered another one. Services do not belong to
    /// a tenant.
    /// </summary>
    private static void AddDiscovery(IServiceCollection services, MillraceBuilder builder)
    {
        services.TryAddSingleton<IServiceRegistry>(provider => new StoreRegistry(
            builder.HasTenants ? TenantRegistration.SharedStore(provider) : provider.GetRequiredService<EventStore>()));
        services.TryAddSingleton(provider => new ServicePicker(
            provider.GetRequiredService<IServiceRegistry>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static EventStore CreateStore(IServiceProvider provider, MillraceBuilder builder)
    {
        StoreServiceFactory.Options(provider); // Throws for any problem, including a missing storage.
        var storage = builder.Storage ?? throw new InvalidOperationException(StoreOptionsValidator.NoStorage);
        return StoreServiceFactory.Store(provider, storage(provider), Meters(provider));
    }

    private static IMeterFactory? Meters(IServiceProvider provider) => provider.GetService<IMeterFactory>();
}
