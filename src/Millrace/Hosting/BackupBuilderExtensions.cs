using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Backups;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;
using Millrace.Storage.Objects;

namespace Millrace;

/// <summary>Extension methods that back up a store.</summary>
public static class BackupBuilderExtensions
{
    /// <summary>
    /// Backs up the store continuously: new events and changes every second, and the tables outside the log once a day.
    /// One node does it at a time, and appends never wait for it. <c>millrace restore</c> restores the store as of any
    /// position or time. The configuration section <c>Millrace:Backup</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// If the place fails, the consumer <c>backup</c> reports it and tries again, and the health of the node is
    /// degraded. <see cref="ContinuousBackup"/> returns the state. Tenants that share a store share its backup. Tenants
    /// with their own stores have separate sets in the place. The key store is not included: back it up separately, at
    /// least as often as new keys are created. Without its keys, restored events cannot be decrypted.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="place">The place, such as <c>new DirectoryObjectStorage("/backups/shop")</c>. It should be on
    /// another machine than the database.</param>
    /// <param name="configure">Sets further options; may be null.</param>
    public static MillraceBuilder UseBackup(
        this MillraceBuilder millrace, IObjectStorage place, Action<BackupOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(place);
        var services = millrace.Services;
        services.Configure<BackupOptions>(options => options.Place = place);
        if (configure is not null)
            services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(BackupSetup)))
            return millrace;
        services.AddSettings<BackupOptions>();
        services.AddSingleton(provider => new BackupSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<BackupOptions>>(provider =>
            provider.GetRequiredService<BackupSettings>());
        services.AddSingleton<IValidateOptions<BackupOptions>>(provider =>
            provider.GetRequiredService<BackupSettings>());
        services.AddSingleton(provider => new ContinuousBackup(provider.GetService<IMeterFactory>()));
        services.AddSingleton(provider => new BackupSetup(
            provider.GetRequiredService<IOptions<BackupOptions>>().Value,
            provider.GetRequiredService<ContinuousBackup>()));
        return millrace;
    }
}
