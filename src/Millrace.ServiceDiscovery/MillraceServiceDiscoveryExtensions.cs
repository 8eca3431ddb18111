using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.ServiceDiscovery;
using Millrace.ServiceDiscovery;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millrace's registry of services to Microsoft.Extensions.ServiceDiscovery.</summary>
public static class MillraceServiceDiscoveryExtensions
{
    /// <summary>
    /// Resolves the names of services to their healthy instances in the application's
    /// <see cref="Millrace.IServiceRegistry"/>. Endpoints in the configuration override them, and a name that has no
    /// instance is passed through.
    /// </summary>
    /// <remarks>
    /// Call <c>AddServiceDiscovery</c> as well. The name of an endpoint selects the instances with that tag:
    /// <c>http://_admin.orders</c> resolves to the instances of <c>orders</c> with the tag <c>admin</c>. Instances are
    /// reached over HTTP, at their <see cref="Millrace.ServiceInstance.Url"/>.
    /// </remarks>
    public static IServiceCollection AddMillraceServiceEndpointProvider(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IServiceEndpointProviderFactory, RegistryEndpointProviderFactory>());
        return services;
    }
}
