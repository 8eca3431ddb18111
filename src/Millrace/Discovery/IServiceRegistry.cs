namespace Millrace;

/// <summary>
/// A registry in which service instances register and are found: in the event store, or in etcd. An application
/// registers itself with <see cref="ServiceRegistrar"/>, which sends heartbeats until it stops. Thread-safe.
/// </summary>
/// <remarks>A registry that is unavailable throws a <see cref="MillraceException"/> that is transient.</remarks>
public interface IServiceRegistry
{
    /// <summary>Gets a description of the registry for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Registers an instance, or replaces the one with the same name and id, including its time to live.
    /// </summary>
    /// <param name="instance">The instance.</param>
    /// <param name="timeToLive">How long the registration lasts without a heartbeat; from 1 second to 1 hour.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="InvalidNameException">A name, an id or the address is not valid.</exception>
    ValueTask Register(ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>Reports that an instance is still running, and its health.</summary>
    /// <returns>False, without any change, when it is not registered anymore: its time to live has expired.</returns>
    ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default);

    /// <summary>Removes an instance; does nothing when it is not registered.</summary>
    ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default);

    /// <summary>Returns the healthy instances of a service, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<ServiceInstance>> Find(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns all registered instances of all services, whatever their health, in the order of names and ids.
    /// </summary>
    ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns the result of <see cref="Find"/> now and after each change of an instance, until it is canceled. While
    /// the registry is unavailable the last result remains valid.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(string name, CancellationToken cancellationToken = default);
}
