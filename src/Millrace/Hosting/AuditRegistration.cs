using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Auditing;

namespace Millrace.Hosting;

/// <summary>Creates what records settings and uses of keys, once for an application or for each open tenant.</summary>
internal static class AuditRegistration
{
    /// <summary>Returns a key store whose uses are recorded; the key store itself if they are not recorded.</summary>
    public static IKeyStore Audited(IServiceProvider provider, IKeyStore keys) =>
        OptionsOf(provider) is { RecordsKeys: true }
            ? new AuditedKeyStore(keys, provider.GetRequiredService<KeyUseLog>())
            : keys;

    /// <summary>Returns the service of a tenant's store; null without an audit trail.</summary>
    public static AuditService? TryCreateService(
        IServiceProvider provider, MillraceBuilder builder, EventStore store, string tenant) =>
        OptionsOf(provider) is null ? null : CreateService(provider, builder, store, tenant);

    /// <param name="provider">The services of the application.</param>
    /// <param name="builder">The application.</param>
    /// <param name="store">The store.</param>
    /// <param name="tenant">The tenant of the store; empty without tenants.</param>
    public static AuditService CreateService(
        IServiceProvider provider, MillraceBuilder builder, EventStore store, string tenant)
    {
        var options = provider.GetRequiredService<IOptions<AuditTrailOptions>>().Value;
        var configuration = options.RecordsConfiguration
            ? new ConfigurationAudit(store, TrustSettings.Of(provider, builder))
            : null;
        var keys = options.RecordsKeys
            ? new KeyAudit(
                store,
                provider.GetRequiredService<KeyUseLog>().Of(tenant),
                StoreServiceFactory.Loggers(provider).CreateLogger<KeyAudit>())
            : null;
        return new AuditService(configuration, keys);
    }

    private static AuditTrailOptions? OptionsOf(IServiceProvider provider) =>
        StoreServiceFactory.IsRegistered(provider, typeof(IAuditTrail))
            ? provider.GetRequiredService<IOptions<AuditTrailOptions>>().Value
            : null;
}
