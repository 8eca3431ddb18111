namespace Millrace;

/// <summary>
/// A service that runs while the store is open. Services start after the store, in the order of registration, and stop
/// before it closes, in reverse order.
/// </summary>
internal interface IStoreService
{
    /// <summary>Starts the service; returns when it is running.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>Stops the service before the token is cancelled; acknowledged work is safe.</summary>
    Task Stop(CancellationToken cancellationToken);
}
