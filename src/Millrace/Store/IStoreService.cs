namespace Millrace.Store;

/// <summary>
/// A service that runs while the store is open. Services start after the store, in the order of registration, and stop
/// before it closes, in reverse order.
/// </summary>
internal interface IStoreService
{
    /// <summary>Gets whether the service starts before the others, and stops after them.</summary>
    bool IsOutermost => false;

    /// <summary>Starts the service, and returns when the service is running.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>
    /// Stops the service. The service must stop before the token is cancelled, and must not lose acknowledged work.
    /// </summary>
    Task Stop(CancellationToken cancellationToken);
}
