namespace Millrace;

/// <summary>
/// A registry in which service instances register, and in which clients find them. The registry can be in the event
/// store or in etcd. An application registers with <see cref="ServiceRegistrar"/>, which sends heartbeats until the
/// application stops. Thread-safe.
/// </summary>
/// <remarks>If the registry is unavailable, the members throw a transient <see cref="MillraceException"/>.</remarks>
public interface IServiceRegistry
{
    /// <summary>Gets a description of the registry for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Registers an instance. An existing registration with the same name and id is replaced, including its time to
    /// live.
    /// </summary>
    /// <param name="instance">The instance.</param>
    /// <param name="timeToLive">The time after which the registration expires without a heartbeat; from 1 second to 1
    /// hour.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="InvalidNameException">A name, an id or the address is not valid.</exception>
    ValueTask Register(ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>Reports that an instance is still running, and reports its health.</summary>
    /// <returns>False, without any change, if the instance is no longer registered, because its time to live has
    /// expired.</returns>
    ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default);

    /// <summary>Removes an instance. If the instance is not registered, the method has no effect.</summary>
    ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default);

    /// <summary>Returns the healthy instances of a service, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<ServiceInstance>> Find(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns all registered instances of all services, including unhealthy instances, ordered by name and id.
    /// </summary>
    ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns the current result of <see cref="Find"/>, and a new result after each change of an instance, until the
    /// caller cancels. While the registry is unavailable, the last result remains valid.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(string name, CancellationToken cancellationToken = default);
}
