using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Millrace.Erasing;
using Millrace.Hosting;
using Millrace.Store;
using Millrace.Tenancy.Sharded;
using Millrace.Tenancy.Shared;

namespace Millrace;

/// <summary>Adds the erasure of data of data subjects.</summary>
public static class MillraceErasureExtensions
{
    /// <summary>
    /// Adds <see cref="Erasures"/>. The application also needs keys, such as with <c>UseSqliteKeys</c>. The last call
    /// applies.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="configure">Sets the key that signs certificates, and other options.</param>
    /// <exception cref="ArgumentException">The key is missing, or an option is out of range.</exception>
    public static MillraceBuilder AddErasures(this MillraceBuilder millrace, Action<ErasureOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ErasureOptions();
        configure(options);
        options.CreateKey().Dispose(); // Reports problems here, and not when the first certificate is signed.
        var services = millrace.Services;
        services.RemoveAll<ErasureSettings>();
        services.AddSingleton(_ => new ErasureSettings(options));
        if (services.Any(service => service.ServiceType == typeof(Erasures)))
            return millrace;
        services.AddTransient(provider =>
            new Erasures(ScopeOf(provider, millrace), provider.GetRequiredService<ErasureSettings>()));
        services.AddSingleton<IStoreService>(provider => new ErasureService(
            provider.GetRequiredService<Erasures>,
            StoreServiceFactory.Loggers(provider).CreateLogger<ErasureService>()));
        return millrace;
    }

    /// <summary>Returns the store without tenants, or the part of the current tenant.</summary>
    private static ErasureScope ScopeOf(IServiceProvider provider, MillraceBuilder millrace)
    {
        var scope = CreateScope(provider, millrace);
        _ = scope.Protection; // Throws if there are no keys.
        return scope;
    }

    internal static ErasureScope CreateScope(IServiceProvider provider, MillraceBuilder millrace)
    {
        var (store, tenant, prefix, fence) = PartOf(provider, millrace);
        return new ErasureScope(store, tenant, prefix)
        {
            AppendFenced = fence is null ? null : fence.TryAppend,
            Rules = [.. provider.GetServices<IErasureRule>()],
            IsAudited = millrace.Services.Any(service => service.ServiceType == typeof(IAuditTrail)),
        };
    }

    private static (EventStore Store, string Tenant, string Prefix, TenantFence? Fence) PartOf(
        IServiceProvider provider, MillraceBuilder millrace)
    {
        if (!millrace.HasTenants)
            return (provider.GetRequiredService<EventStore>(), "", "", null);
        var tenant = provider.GetRequiredService<CurrentTenant>().Id;
        return provider.GetRequiredService<Tenants>().Storage switch
        {
            SharedTenants shared => (shared.Store, tenant.Value, new TenantNames(tenant).Prefix, null),
            ShardedTenants sharded => PartOf(sharded, tenant),
            _ => (provider.GetRequiredService<EventStore>(), tenant.Value, "", null),
        };
    }

    private static (EventStore Store, string Tenant, string Prefix, TenantFence? Fence) PartOf(
        ShardedTenants sharded, TenantId tenant)
    {
        var (store, prefix, fence) = sharded.StoreOf(tenant);
        return (store, tenant.Value, prefix, fence);
    }
}
