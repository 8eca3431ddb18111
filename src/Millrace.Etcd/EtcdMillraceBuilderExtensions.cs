using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Millrace.Etcd;

namespace Millrace;

/// <summary>Adds the registry of services in etcd.</summary>
public static class EtcdMillraceBuilderExtensions
{
    /// <summary>Stores the registry of services in etcd instead of in the store.</summary>
    /// <param name="millrace">The builder.</param>
    /// <param name="address">The client endpoints of etcd: <c>http://localhost:2379</c>, several separated by commas.
    /// The configuration value <c>Millrace:Etcd:Address</c> overrides it.</param>
    /// <param name="options">Sets further options, which are checked when the registry is first used.</param>
    public static MillraceBuilder UseEtcdRegistry(
        this MillraceBuilder millrace, string address, Action<EtcdOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        millrace.Services.RemoveAll<IServiceRegistry>();
        millrace.Services.AddSingleton<IServiceRegistry>(provider =>
        {
            var chosen = new EtcdOptions { Address = address };
            options?.Invoke(chosen);
            EtcdSettings.Apply(provider.GetService<MillraceConfiguration>(), chosen);
            return new EtcdRegistry(chosen, provider.GetRequiredService<TimeProvider>());
        });
        return millrace;
    }
}
