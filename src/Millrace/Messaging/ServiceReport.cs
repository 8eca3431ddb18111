namespace Millrace.Messaging;

/// <summary>
/// How services fit together, as seen from one of them: what is registered, which events go where, which addresses are
/// found.
/// </summary>
/// <param name="Registry">The registry, for people.</param>
/// <param name="Registered">All instances of all services that are registered, however they are.</param>
/// <param name="Flows">What is published and received here.</param>
/// <param name="Endpoints">Where the healthy instances of each service are, by its name; none for a service that is not
/// well.</param>
public sealed record ServiceReport(
    string Registry,
    IReadOnlyList<ServiceInstance> Registered,
    IReadOnlyList<MessageFlow> Flows,
    IReadOnlyDictionary<string, IReadOnlyList<Uri>> Endpoints)
{
    /// <summary>Makes a report of this moment.</summary>
    /// <param name="registry">Who knows the services.</param>
    /// <param name="transports">What this one is connected by.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="MillraceException">The registry is away; tells so by being transient.</exception>
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
