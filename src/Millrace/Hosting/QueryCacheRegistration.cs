using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Model;
using Millrace.Queries;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Registers the query cache, once for an application or once for each open tenant.</summary>
internal static class QueryCacheRegistration
{
    private static readonly ServiceDescriptor CacheAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<QueryCache>());

    /// <summary>Returns the declared queries. The first call adds the cache to the application.</summary>
    public static QueryCacheBuilder GetOrAdd(
        IServiceCollection services, Func<IServiceProvider, IQueryCacheStorage> createStorage)
    {
        services.RemoveAll<IQueryCacheStorage>();
        services.AddSingleton(createStorage);
        if (services.FirstOrDefault(service => service.ServiceType == typeof(QueryCacheBuilder)) is
            { ImplementationInstance: QueryCacheBuilder existing })
            return existing;
        var builder = new QueryCacheBuilder();
        services.AddSingleton(builder);
        services.AddSingleton(Declare);
        services.AddSingleton(provider => Create(
            provider, provider.GetRequiredService<EventStore>(), "", provider.GetService<IMeterFactory>()));
        services.Add(CacheAsStoreService);
        return builder;
    }

    /// <summary>Removes the cache of the single store. Each tenant has its own.</summary>
    public static void RemoveForTenants(IServiceCollection services)
    {
        services.RemoveAll<QueryCache>();
        services.Remove(CacheAsStoreService);
    }

    /// <summary>Creates the cache of a store; null if the application declares none.</summary>
    public static QueryCache? TryCreate(
        IServiceProvider provider, EventStore store, string tenant, IMeterFactory? meters) =>
        provider.GetService<QueryCacheBuilder>() is null ? null : Create(provider, store, tenant, meters);

    private static QueryCache Create(
        IServiceProvider provider, EventStore store, string tenant, IMeterFactory? meters) => new(
        provider.GetRequiredService<QueryCacheDeclaration>(),
        store,
        tenant,
        new QueryCacheMetrics(meters),
        StoreServiceFactory.Loggers(provider).CreateLogger<QueryCache>());

    private static QueryCacheDeclaration Declare(IServiceProvider provider)
    {
        var model = provider.GetRequiredService<ModelCatalog>();
        var builder = provider.GetRequiredService<QueryCacheBuilder>();
        foreach (var query in builder.Queries.Keys)
        {
            if (model.Queries.All(definition => definition.QueryType != query))
                throw new InvalidOperationException(
                    $"The query {query.Name} is cached, but no handler is registered for it. Cache the type that the "
                    + "handler has.");
        }
        var marked = new MarkedReadModels(model);
        return new QueryCacheDeclaration(
            builder,
            provider.GetRequiredService<IQueryCacheStorage>(),
            model.Json,
            type => HasMarks(type, model, marked))
        {
            Build = string.Join(
                ' ',
                model.Projections
                    .Select(projection => projection.Collection)
                    .Order(StringComparer.Ordinal)),
        };
    }

    private static bool HasMarks(Type type, ModelCatalog model, MarkedReadModels marked) =>
        marked.In(type).Count > 0
        || model.Protection.OfMessage(type) is not null
        || (type.GetElementType() is { } element && HasMarks(element, model, marked))
        || type.GenericTypeArguments.Any(argument => HasMarks(argument, model, marked));
}
