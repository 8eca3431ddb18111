using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millrace to an application.</summary>
public static class MillraceServiceCollectionExtensions
{
    /// <summary>
    /// Adds an event store with its model: <see cref="EventStore"/>, <see cref="ICommandBus"/>, <see cref="IQueryBus"/> and
    /// <see cref="AggregateRepository"/>. The host opens the store before anything else starts and closes it last. Calling it again adds to
    /// the same store.
    /// </summary>
    /// <remarks>Options are checked when the host starts, and all that is wrong is reported at once.</remarks>
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
        }
        configure(builder);
        foreach (var projection in builder.Model.Projections)
            projection.Register(services);
        return services;
    }

    private static MillraceBuilder? FindBuilder(IServiceCollection services)
    {
        foreach (var service in services)
        {
            if (service.ServiceType == typeof(MillraceBuilder) && service.ImplementationInstance is MillraceBuilder builder)
                return builder;
        }
        return null;
    }

    private static void AddOptions(IServiceCollection services, MillraceBuilder builder)
    {
        services.AddOptions<StoreOptions>().ValidateOnStart();
        services.AddOptions<CommandOptions>().ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<StoreOptions>>(
            provider => new StoreSettings(provider.GetService<IConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<CommandOptions>>(
            provider => new CommandSettings(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<StoreOptions>>(new StoreOptionsValidator(builder));
        services.AddSingleton<IValidateOptions<CommandOptions>, CommandOptionsValidator>();
        services.AddOptions<ConsumerOptions>().ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<ConsumerOptions>>(
            provider => new ConsumerSettings(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<ConsumerOptions>, ConsumerOptionsValidator>();
    }

    private static void AddRuntime(IServiceCollection services, MillraceBuilder builder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new ModelCatalog(builder.Model));
        services.TryAddSingleton(provider => CreateStore(provider, builder));
        services.TryAddSingleton(provider => new AggregateRepository(
            provider.GetRequiredService<EventStore>(),
            provider.GetRequiredService<ModelCatalog>().Aggregates,
            provider.GetRequiredService<IOptions<CommandOptions>>().Value.CachedAggregates,
            Loggers(provider).CreateLogger<AggregateRepository>()));
        services.TryAddSingleton(CreateCommandRoutes);
        services.TryAddSingleton(provider => new QueryRoutes(
            provider.GetRequiredService<ModelCatalog>().Queries,
            HasAuthorizers(provider),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IMeterFactory>()));
        services.TryAddSingleton(provider => CreateConsumers(provider, builder));
        services.TryAddSingleton(provider => new Projections(
            provider.GetRequiredService<ConsumerHost>(), provider.GetRequiredService<ModelCatalog>().Projections));
        services.TryAddSingleton(typeof(IReadModel<,>), typeof(UnknownReadModel<,>));
        services.TryAddSingleton(provider => new Consumers(provider.GetRequiredService<ConsumerHost>()));
        services.TryAddSingleton(provider => new CircuitBreakers(provider.GetRequiredService<TimeProvider>(), builder.Circuits));
        services.TryAddSingleton(provider => new DeadLetters(provider.GetRequiredService<ConsumerHost>()));
        services.TryAddSingleton(provider => new Explanations(
            provider.GetRequiredService<ConsumerHost>(), provider.GetRequiredService<ModelCatalog>(), builder.SqlProjections));
        services.AddSingleton<IStoreService>(provider => provider.GetRequiredService<ConsumerHost>());
        services.TryAddTransient<ICommandBus>(provider => new CommandBus(provider.GetRequiredService<CommandRoutes>(), provider));
        services.TryAddTransient<IQueryBus>(provider => new QueryBus(provider.GetRequiredService<QueryRoutes>(), provider));
        services.AddSingleton<IHostedService>(provider => new StoreHost(
            provider.GetRequiredService<EventStore>,
            provider.GetServices<IStoreService>,
            Loggers(provider).CreateLogger<StoreHost>()));
    }

    private static EventStore CreateStore(IServiceProvider provider, MillraceBuilder builder)
    {
        // Throws when anything is wrong, the missing storage included.
        var options = provider.GetRequiredService<IOptions<StoreOptions>>().Value;
        var services = new StoreServices(
            provider.GetRequiredService<TimeProvider>(), Loggers(provider), provider.GetService<IMeterFactory>());
        var storage = builder.Storage ?? throw new InvalidOperationException(StoreOptionsValidator.NoStorage);
        return EventStore.Create(storage(provider), provider.GetRequiredService<ModelCatalog>().EventTypes, options, services);
    }

    private static ConsumerHost CreateConsumers(IServiceProvider provider, MillraceBuilder builder)
    {
        var store = provider.GetRequiredService<EventStore>();
        provider.GetRequiredService<CircuitBreakers>(); // Has their options checked before anything runs.
        var host = new ConsumerHost(
            store, provider.GetRequiredService<IOptions<ConsumerOptions>>().Value, Loggers(provider), provider.GetService<IMeterFactory>());
        foreach (var (consumer, policy) in builder.Policies)
            host.Policies[consumer] = policy;
        ProjectionSetup.Add(host, provider.GetRequiredService<ModelCatalog>().Projections);
        foreach (var projection in builder.SqlProjections)
        {
            ConsumerWork Create() => new SqlProjectionWork(projection, store, host.Options);
            host.Add(Create(), _ => Create());
        }
        foreach (var definition in builder.Model.Consumers.Concat(builder.Consumers.Select(create => create(provider))))
        {
            ConsumerWork Create() => new HandlerWork(definition, store.Types, host.Options.WorkerCount);
            host.Add(Create(), definition.IsSafeToSimulate ? _ => Create() : null);
        }
        host.RefuseUnknownPolicies();
        return host;
    }

    private static CommandRoutes CreateCommandRoutes(IServiceProvider provider)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        var runtime = new CommandRuntime(
            provider.GetRequiredService<AggregateRepository>(),
            provider.GetRequiredService<IOptions<CommandOptions>>().Value,
            model.Json,
            HasAuthorizers(provider),
            new CommandMetrics(provider.GetService<IMeterFactory>()));
        return new CommandRoutes(model.Commands, runtime);
    }

    private static bool HasAuthorizers(IServiceProvider provider) =>
        provider.GetRequiredService<IServiceProviderIsService>().IsService(typeof(IAuthorizer));

    private static ILoggerFactory Loggers(IServiceProvider provider) => provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
}
