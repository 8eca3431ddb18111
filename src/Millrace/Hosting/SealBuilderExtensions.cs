using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Millrace.Auditing;
using Millrace.Hosting;
using Millrace.Hosting.Configuration;

namespace Millrace;

/// <summary>Extension methods that seal the log of a store.</summary>
public static class SealBuilderExtensions
{
    /// <summary>
    /// Seals the log while it grows: hashes all events into a Merkle tree, and appends signed roots to the stream
    /// <c>$seals</c>. Afterwards, <c>millrace audit verify</c> detects every change of a sealed event. One node seals
    /// at a time, and appends never wait for it. The configuration section <c>Millrace:Seals</c> overrides the options.
    /// </summary>
    /// <remarks>
    /// The host does not start if the key cannot be used (<see cref="SealKeyException"/>). Tenants that share a store
    /// share its log and its seals. If each tenant has its own store, each open tenant seals its own log, and anchors
    /// need <c>{tenant}</c> in their path or address.
    /// </remarks>
    /// <param name="millrace">The builder.</param>
    /// <param name="configure">Sets the options; null if they are only in the configuration.</param>
    public static MillraceBuilder AddSeals(this MillraceBuilder millrace, Action<SealOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        var services = millrace.Services;
        if (configure is not null)
            services.Configure(configure);
        foreach (var service in services)
        {
            if (service.ServiceType == typeof(SealSetup))
                return millrace;
        }
        services.AddSettings<SealOptions>();
        services.AddSingleton(provider => new SealSettings(provider.GetService<MillraceConfiguration>()));
        services.AddSingleton<IPostConfigureOptions<SealOptions>>(provider =>
            provider.GetRequiredService<SealSettings>());
        services.AddSingleton<IValidateOptions<SealOptions>>(provider => provider.GetRequiredService<SealSettings>());
        services.AddSingleton(provider => new SealSetup(provider.GetRequiredService<IOptions<SealOptions>>().Value));
        return millrace;
    }
}
