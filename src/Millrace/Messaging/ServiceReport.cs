namespace Millrace.Messaging;

/// <summary>
/// Describes the connections of a service to other services. It contains registered services, message flows and
/// addresses.
/// </summary>
/// <param name="Registry">A description of the registry.</param>
/// <param name="Registered">All registered instances of all services, healthy or not.</param>
/// <param name="Flows">The messages that this service publishes and receives.</param>
/// <param name="Endpoints">The addresses of the healthy instances of each service, by the service's name.</param>
public sealed record ServiceReport(
    string Registry,
    IReadOnlyList<ServiceInstance> Registered,
    IReadOnlyList<MessageFlow> Flows,
    IReadOnlyDictionary<string, IReadOnlyList<Uri>> Endpoints)
{
    /// <summary>Creates a report of the current state.</summary>
    /// <param name="registry">The registry of services.</param>
    /// <param name="transports">The transports of this service.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MillraceException">The registry is unavailable. The exception is transient.</exception>
    public static async Task<ServiceReport> Of(
        IServiceRegistry registry, Transports transports, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(transports);
        var registered = await registry.List(cancellationToken).ConfigureAwait(false);
        var endpoints = new SortedDictionary<string, IReadOnlyList<Uri>>(StringComparer.Ordinal);
        foreach (var service in registered.GroupBy(static one => one.Name, StringComparer.Ordinal))
            endpoints[service.Key] =
            [
                .. service.Where(static one => one.Health == ServiceHealth.Passing).Select(static one => one.Url),
            ];
        return new ServiceReport(registry.Description, registered, transports.Flows(), endpoints);
    }
}
