namespace Millrace.Messaging;

/// <summary>
/// The connections between services, as seen from one of them: registered services, message flows and addresses.
/// </summary>
/// <param name="Registry">A description of the registry.</param>
/// <param name="Registered">All registered instances of all services, whatever their health.</param>
/// <param name="Flows">The messages that are published and received here.</param>
/// <param name="Endpoints">The addresses of the healthy instances of each service, by its name; none for an unhealthy
/// service.</param>
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
    /// <exception cref="MillraceException">The registry is unavailable; the exception is then transient.</exception>
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
