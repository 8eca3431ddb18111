using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Hosting.Access;
using Millrace.Model;
using Millrace.Projecting;
using Millrace.Queries;
using Millrace.Storage;
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
        AccessRegistration.AddRequestUsers(services);
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

    /// <summary>Removes the answers of all tenants from the memory of this process.</summary>
    public static void ClearMemory(IServiceProvider provider)
    {
        if (provider.GetService<QueryCacheBuilder>() is not null)
            provider.GetRequiredService<IQueryCacheStorage>().Clear();
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
            if (model.Json.TryGetTypeInfo(query, out var json) && HiddenMembers.Find(json) is { } member)
                throw new InvalidOperationException(
                    $"The query {query.Name} cannot be cached, because its JSON does not contain {member}, so two "
                    + "queries with different values would share an answer. Make it a public property without "
                    + "[JsonIgnore], or do not cache the query.");
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
            ModelHasMarks = model.Protection.HasMarks,
            Collections = new CurrentCollections(
                model.Projections
                    .Where(projection => projection.Lifecycle == ProjectionLifecycle.Asynchronous)
                    .ToLookup(
                        projection => projection.Name,
                        projection => (Func<ReadModelRecord?, string>)(record =>
                            VersionCollections.ReadBy(record, projection)),
                        StringComparer.Ordinal)),
        };
    }

    private static bool HasMarks(Type type, ModelCatalog model, MarkedReadModels marked) =>
        marked.In(type).Count > 0
        || model.Protection.OfMessage(type) is not null
        || (type.GetElementType() is { } element && HasMarks(element, model, marked))
        || type.GenericTypeArguments.Any(argument => HasMarks(argument, model, marked));
}
