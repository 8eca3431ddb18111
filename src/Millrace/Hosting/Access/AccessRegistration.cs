using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Commands;
using Millrace.Security;
using Millrace.Store;

namespace Millrace.Hosting.Access;

/// <summary>Registers access control, once for an application or once for each open tenant.</summary>
internal static class AccessRegistration
{
    private static readonly ServiceDescriptor LogAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<AccessRulesLog>());

    /// <summary>Returns the declared roles. The first call adds access control to the application.</summary>
    public static AccessBuilder GetOrAdd(IServiceCollection services)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(AccessBuilder)) is
            { ImplementationInstance: AccessBuilder existing })
            return existing;
        var access = new AccessBuilder();
        services.AddSingleton(access);
        services.AddSingleton(provider => new AccessDeclarationFactory(
            access, provider.GetRequiredService<ModelCatalog>()));
        services.AddSingleton<IValidateOptions<StoreOptions>>(provider =>
            provider.GetRequiredService<AccessDeclarationFactory>());
        services.AddSingleton(provider => provider.GetRequiredService<AccessDeclarationFactory>().Create());
        services.AddSingleton<IAnswerFilter>(provider => new AnswerFilter(provider.GetRequiredService<ModelCatalog>()));
        services.AddSingleton<IAccessObserver>(provider => new AccessMetrics(
            provider.GetService<IMeterFactory>(),
            StoreServiceFactory.Loggers(provider).CreateLogger<AccessControl>()));
        AddRequestUsers(services);
        services.AddTransient<IAuthorizer>(provider => new AccessAuthorizer(
            provider.GetRequiredService<AccessControl>(),
            provider.GetRequiredService<ModelCatalog>(),
            () => provider.GetRequiredService<RequestUserFinder>().Find(provider)));
        services.AddSingleton(provider => CreateLog(provider, provider.GetRequiredService<EventStore>()));
        services.Add(LogAsStoreService);
        services.AddSingleton(provider => CreateControl(provider, provider.GetRequiredService<AccessRulesLog>()));
        return access;
    }

    /// <summary>Adds the search for the user of a request, which audit trail and query cache also need.</summary>
    public static void AddRequestUsers(IServiceCollection services) =>
        services.TryAddSingleton(provider => new RequestUserFinder(provider));

    /// <summary>Replaces the services of the single store. Each tenant has the grants in its own store.</summary>
    public static void ReplaceForTenants(
        IServiceCollection services, Func<IServiceProvider, AccessRulesLog?> findLog)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(AccessRulesLog)) is not { } single)
            return;
        services.Remove(single);
        services.Remove(LogAsStoreService); // Other services, such as the audit of the shared log, remain.
        services.RemoveAll<AccessControl>();
        // Not null: the log of a tenant exists if access control is registered.
        services.AddScoped(provider => CreateControl(provider, findLog(provider)!));
    }

    /// <summary>Creates the rules of a tenant's store; null without access control.</summary>
    /// <summary>Stores the rules in the home shard of an application with several shards.</summary>
    public static void UseHomeShard(IServiceCollection services, Func<IServiceProvider, EventStore> home)
    {
        if (services.All(service => service.ServiceType != typeof(AccessRulesLog)))
            return;
        services.Replace(ServiceDescriptor.Singleton(provider => CreateLog(provider, home(provider))));
        if (!services.Contains(LogAsStoreService))
            services.Add(LogAsStoreService);
    }

    public static AccessRulesLog? TryCreateLog(IServiceProvider provider, EventStore store) =>
        provider.GetService<AccessDeclarationFactory>() is null ? null : CreateLog(provider, store);

    /// <summary>Returns how commands find the ids of their users.</summary>
    public static CommandUsers UsersOf(IServiceProvider provider) =>
        provider.GetService<AccessBuilder>() is { } access
            ? new CommandUsers(
                new AccessClaims(access.UserIdClaim, access.RoleClaim),
                provider.GetRequiredService<RequestUserFinder>())
            : new CommandUsers(null, provider.GetService<RequestUserFinder>());

    private static AccessRulesLog CreateLog(IServiceProvider provider, EventStore store) => new(
        store,
        provider.GetRequiredService<AccessDeclaration>(),
        StoreServiceFactory.Loggers(provider).CreateLogger<AccessRulesLog>());

    private static AccessControl CreateControl(IServiceProvider provider, AccessRulesLog log) => new(
        log, provider.GetServices<IAccessObserver>(), provider.GetRequiredService<IAnswerFilter>());
}
