namespace Millrace;

/// <summary>
/// Where instances of services say that they are there, and are found: in the store, or in etcd. An application that
/// registers itself uses <see cref="ServiceRegistrar"/>, which is heard of until it stops. Safe to use from several
/// threads.
/// </summary>
/// <remarks>A registry that is away throws a <see cref="MillraceException"/> that is transient.</remarks>
public interface IServiceRegistry
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Registers an instance, or takes the place of the one with its name and id, its time to live
    /// included.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="timeToLive">How long it is there without being heard of; from 1 second to 1 hour.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidNameException">A name, an id or the address is not allowed.</exception>
    ValueTask Register(ServiceInstance instance, TimeSpan timeToLive, CancellationToken cancellationToken = default);

    /// <summary>Says that an instance is still there, and how it is.</summary>
    /// <returns>False, and nothing is done, when it is not registered any more: its time to live has run out.</returns>
    ValueTask<bool> Heartbeat(
        string name, string id, ServiceHealth health, CancellationToken cancellationToken = default);

    /// <summary>Takes an instance out; does nothing when it is not there.</summary>
    ValueTask Deregister(string name, string id, CancellationToken cancellationToken = default);

    /// <summary>The instances of a service that are there and healthy, in the order of their ids.</summary>
    ValueTask<IReadOnlyList<ServiceInstance>> Find(string name, CancellationToken cancellationToken = default);

    /// <summary>All instances of all services that are there, however they are, in the order of names and
    /// ids.</summary>
    ValueTask<IReadOnlyList<ServiceInstance>> List(CancellationToken cancellationToken = default);

    /// <summary>
    /// What <see cref="Find"/> tells, now and whenever an instance comes, goes or says that it is otherwise; until it
    /// is cancelled. While the registry is away what was told last holds.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<ServiceInstance>> Watch(string name, CancellationToken cancellationToken = default);
}
