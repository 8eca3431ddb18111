namespace Millrace;

/// <summary>
/// Something that runs while the store is open: started after it is, in the order of registration, and stopped before
/// it closes, in the reverse.
/// </summary>
internal interface IStoreService
{
    /// <summary>Begins; returns when it runs.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>Ends within the token's bound; what it acknowledged is safe.</summary>
    Task Stop(CancellationToken cancellationToken);
}
