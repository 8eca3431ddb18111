using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;

namespace Millrace.ServiceDiscovery;

/// <summary>Creates a provider for each name that can be the name of a service in the registry.</summary>
internal sealed class RegistryEndpointProviderFactory(
    IServiceRegistry registry,
    ILogger<RegistryEndpointProvider> logger,
    TimeProvider? time = null) : IServiceEndpointProviderFactory
{
    public bool TryCreateProvider(
        ServiceEndpointQuery query,
        [NotNullWhen(true)] out IServiceEndpointProvider? provider)
    {
        provider =
            IsServiceName(query.ServiceName) && AllowsHttp(query)
                ? new RegistryEndpointProvider(
                    registry, query.ServiceName, query.EndpointName, time ?? TimeProvider.System, logger)
                : null;
        return provider is not null;
    }

    private static bool IsServiceName(string name)
    {
        try
        {
            ServiceInstance.CheckName(name);
            return true;
        }
        catch (InvalidNameException)
        {
            return false;
        }
    }

    /// <summary>
    /// Returns whether the query accepts HTTP addresses. The registry contains no others.
    /// </summary>
    private static bool AllowsHttp(ServiceEndpointQuery query) =>
        query.IncludedSchemes.Count == 0
        || query.IncludedSchemes.Contains(Uri.UriSchemeHttp, StringComparer.OrdinalIgnoreCase);
}
