using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Locking;
using Millrace.Materializing;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>Registers the materialized views, once for an application or once for each open tenant.</summary>
internal static class ViewRegistration
{
    private static readonly ServiceDescriptor HostAsStoreService =
        ServiceDescriptor.Singleton<IStoreService>(provider => provider.GetRequiredService<ViewHost>());

    /// <summary>Returns the declared views. The first call adds their host to the application.</summary>
    public static ViewDeclarations GetOrAdd(IServiceCollection services)
    {
        if (services.FirstOrDefault(service => service.ServiceType == typeof(ViewDeclarations)) is
            { ImplementationInstance: ViewDeclarations existing })
            return existing;
        var declarations = new ViewDeclarations();
        services.AddSingleton(declarations);
        services.AddSingleton(provider => Create(
            provider, provider.GetRequiredService<ConsumerHost>(), declarations, provider.GetService<IMeterFactory>()));
        services.Add(HostAsStoreService);
        services.AddSingleton(provider => provider.GetRequiredService<ViewHost>().CreateService());
        return declarations;
    }

    /// <summary>Replaces the host of the single store. Each tenant has its own.</summary>
    public static void ReplaceForTenants(IServiceCollection services, Func<IServiceProvider, ViewHost?> host)
    {
        if (services.All(service => service.ServiceType != typeof(ViewDeclarations)))
            return;
        services.RemoveAll<ViewHost>();
        services.Remove(HostAsStoreService);
        services.RemoveAll<MaterializedViews>();
        services.AddScoped(provider =>
            (host(provider) ?? throw new InvalidOperationException("The tenant has no views yet.")).CreateService());
    }

    /// <summary>Creates the host of a store; null if the application declares no views.</summary>
    public static ViewHost? TryCreate(IServiceProvider provider, ConsumerHost consumers, IMeterFactory? meters) =>
        provider.GetService<ViewDeclarations>() is { } declarations
            ? Create(provider, consumers, declarations, meters)
            : null;

    private static ViewHost Create(
        IServiceProvider provider, ConsumerHost consumers, ViewDeclarations declarations, IMeterFactory? meters)
    {
        var loggers = StoreServiceFactory.Loggers(provider);
        var locks = new Locks(
            new StoreLockProvider(consumers.Store), consumers.Store.Time, loggers.CreateLogger<Locks>());
        var model = provider.GetRequiredService<ModelCatalog>();
        var sql = declarations.All.Any(static view => view.IsSql)
            ? provider.GetService<ISqlServiceFactory>()?.Create(consumers.Store)
            : null;
        return new ViewHost(
            new ViewServices(
                consumers,
                model.Projections,
                new ViewStore(consumers.Store),
                locks,
                new ViewMetrics(meters),
                loggers.CreateLogger<ViewHost>())
            {
                Sql = sql is null ? null : new SqlViewReader(sql, new SqlViewModel(model), consumers),
            },
            declarations);
    }
}
